/** Plays one directed scenario of the ledger protocol, or all of them, each with its rule and without. */
import { parseArgs } from 'node:util';
import { installVirtualTime } from '../simulation/virtual-time.ts';
import { RULES } from './rules.ts';
import { SCENARIOS } from './scenarios.ts';
import { Stage } from './stage.ts';
import { installVariants, loadProvisioning } from './take-out.ts';

const HELP = `node tests/protocol/run-scenario.ts SCENARIO [--without RULE]
node tests/protocol/run-scenario.ts --all

  SCENARIO         play it and print what happened, line by line
  --without RULE   with this rule taken out of the source as it is loaded
  --all            play the scenarios of every rule, with the rule and without; one line of JSON for each

Scenarios: ${Object.keys(SCENARIOS).join(', ')}
Rules: ${Object.keys(RULES).join(', ')}
`;

/** How one scenario ended. `violation`: the promise that was broken, or why the scenario could not be played. */
export interface Ending {
  scenario: string;
  without: string | undefined;
  violation: string | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string' }, all: { type: 'boolean', default: false } },
});

async function play(scenario: string, without?: string): Promise<{ ending: Ending; trace: string[] }> {
  const { play: act, ...options } = known(SCENARIOS, scenario);
  const variant = without === undefined ? undefined : { name: without, cuts: known(RULES, without).cuts };
  const stage = new Stage(await loadProvisioning(variant), { ...options, traced: true });
  const violation = await act(stage)
    .then(() => stage.end())
    .then(
      () => undefined,
      (error: Error) => (error.name === 'Violation' ? error.message : (error.stack ?? error.message)),
    );
  return { ending: { scenario, without, violation }, trace: stage.world.trace ?? [] };
}

async function playAll(): Promise<void> {
  for (const [rule, { scenario }] of Object.entries(RULES)) {
    for (const without of [undefined, rule]) console.log(JSON.stringify((await play(scenario, without)).ending));
  }
}

function known<Value>(table: Record<string, Value>, name: string): Value {
  const value = table[name];
  if (value === undefined) throw new Error(`There is no ${name} among ${Object.keys(table).join(', ')}`);
  return value;
}

installVirtualTime();
installVariants();
// The SDK draws its back-off from it.
Math.random = () => 0.5;
const [scenario] = positionals;
if (values.all) {
  await playAll();
} else if (scenario === undefined) {
  console.log(HELP);
} else {
  const { ending, trace } = await play(scenario, values.without);
  console.log(trace.join('\n'));
  console.log(ending.violation ?? 'Every promise was kept.');
  process.exitCode = ending.violation === undefined ? 0 : 1;
}
