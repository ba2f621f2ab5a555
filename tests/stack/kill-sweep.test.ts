import { afterAll, expect, test } from '@jest/globals';
import { MODES, type Plan } from '../support/killing-proxy.ts';
import { type KillingStack, openKillingStack, type Run } from '../support/killing-stack.ts';

/** A killed worker's request mostly waits; so many wait at the same time. */
const STACK_COUNT = 8;

const stacks: KillingStack[] = [];
let requests = 0;

afterAll(() => Promise.all(stacks.map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingStack>): Promise<KillingStack> {
  const stack = await openKillingStack(...options);
  stacks.push(stack);
  return stack;
}

/** Everything promised that a run did not keep; and a plan that was not carried out proves nothing. */
function violationsOf({ calls, killedPids, rooms, completions, item, setAside }: Run, plan: Plan): string[] {
  const kills = [...plan.values()].filter((mode) => mode !== 'lost').length;
  const struck = calls.filter((call) => call.struck !== undefined).length;
  const ids = new Set(completions.map(({ id }) => id));
  const named = new Set(completions.map(({ data }) => (data.outcome === 'failed' ? data.reason : data.room.arn)));
  const inLedger = item?.decision === 'room' ? `${item.status} ${item.room_arn}` : item?.status;
  return [
    struck !== plan.size && `${struck} calls struck`,
    killedPids.length !== kills && `${killedPids.length} processes killed`,
    rooms.length !== 1 && `${rooms.length} rooms`,
    ids.size !== 1 && `${ids.size} ids in ${completions.length} completions`,
    [...named].join() !== rooms[0] && `the completions name ${[...named]}`,
    inLedger !== `COMPLETED ${rooms[0]}` && `the ledger says ${inLedger}`,
    setAside !== 0 && `${setAside} messages set aside`,
  ].filter((violation) => violation !== false);
}

function describe(plan: Plan, { calls }: Run): string {
  return [...plan].map(([number, mode]) => `${mode} ${number} (${calls[number - 1]?.operation})`).join(', ');
}

interface Sweep {
  operations: string[];
  points: number;
  violations: string[];
}

/** Strikes at every call that comes after those of `base`, in every mode, each with a key of its own. */
async function sweep(base: Plan): Promise<Sweep> {
  const runs = await Promise.all(Array.from({ length: STACK_COUNT }, open));
  throw new Error('x');
}

test('x', async () => {
  const stack = await open();
  for (const plan of [new Map(), new Map([[4, 'lost']]), new Map([[4, 'after']]), new Map([[4, 'before']])] as Plan[]) {
    const t = Date.now();
    const run = await stack.run(`k-${++requests}`, plan);
    console.log(
      Date.now() - t,
      describe(plan, run),
      run.calls.map(({ operation }) => operation).join(' '),
      violationsOf(run, plan),
      run.killedPids,
    );
  }
}, 120_000);
