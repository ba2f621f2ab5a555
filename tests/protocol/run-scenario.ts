/** Plays one directed scenario, or all those of a protocol, each with its rule and without it. */
import { parseArgs } from 'node:util';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import { Violation } from '../simulation/invariants.ts';
import type { Ending } from './ending.ts';
import { SCENARIOS } from './scenarios.ts';
import { Stage } from './stage.ts';
import { TABLES } from './tables.ts';
import { installVariants, loadProvisioning } from './variants.ts';

const TABLE = { ...TABLES.ledger, ...TABLES.release };

const HELP = `node tests/protocol/run-scenario.ts SCENARIO [--without RULE]
node tests/protocol/run-scenario.ts --all PROTOCOL

  SCENARIO         play it and print what happened, line by line
  --without RULE   with this rule taken out of the source as it is loaded
  --all PROTOCOL   play the scenario of every rule of ledger or release, with the rule and without; a line of JSON for each

Scenarios: ${Object.keys(SCENARIOS).join(', ')}
Rules: ${Object.keys(TABLE).join(', ')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string' }, all: { type: 'string' } },
});

async function play(scenario: string, without?: string): Promise<{ ending: Ending; trace: string[] }> {
  const { play: act, ...options } = known(SCENARIOS, scenario);
  const trace: string[] = [];
  const ending: Ending = { scenario, ...(without !== undefined && { without }) };
  try {
    const variant = without === undefined ? undefined : { name: without, cuts: known(TABLE, without).cuts };
    const stage = new Stage(await loadProvisioning(variant), { ...options, trace });
    await act(stage);
    await stage.end();
  } catch (error) {
    if (error instanceof Violation) ending.violation = error.message;
    else ending.trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return { ending, trace };
}

async function playAll(protocol: string): Promise<void> {
  for (const [rule, { scenario }] of Object.entries(known(TABLES, protocol))) {
    for (const without of [undefined, rule]) console.log(JSON.stringify((await play(scenario, without)).ending));
  }
}

function known<Value>(table: Record<string, Value>, name: string): Value {
  const value = table[name];
  if (value === undefined) throw new Error(`${name} is not one of ${Object.keys(table).join(', ')}`);
  return value;
}

installVirtualTime();
installVariants();
// The SDK uses it for its backoff.
Math.random = () => 0.5;
// On first use, the SDK reads its configuration files, and virtual time does not wait for a disk.
await play('same-id-after-takeover');
const [scenario] = positionals;
if (values.all !== undefined) {
  await playAll(values.all);
} else if (scenario === undefined) {
  console.log(HELP);
} else {
  const { ending, trace } = await play(scenario, values.without);
  console.log(trace.join('\n'));
  console.log(ending.trouble ?? ending.violation ?? 'Every promise was kept.');
  process.exitCode = 'trouble' in ending || 'violation' in ending ? 1 : 0;
}
