import { afterEach, expect, test } from '@jest/globals';
import { MODES, type Mode, type Plan } from '../../support/killing-proxy.ts';
import { type KillingStack, openKillingStack, type Run } from '../../support/killing-stack.ts';
import { must } from '../../support/must.ts';

/** The request of a killed worker waits for seconds, so many stacks can wait at the same time. Each stack has one request. */
const STACK_COUNT = 8;

const stacks: KillingStack[] = [];
afterEach(() => Promise.all(stacks.splice(0).map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingStack>): Promise<KillingStack> {
  const stack = await openKillingStack(...options);
  stacks.push(stack);
  return stack;
}

/** Runs as many plans at a time as there are stacks. */
async function runAll(plans: Plan[]): Promise<Run[]> {
  const runs: Run[] = [];
  const left = plans.values();
  const workOff = async (stack: KillingStack) => {
    for (const plan of left) runs.push(await stack.run(plan));
  };
  await Promise.all(stacks.map(workOff));
  return runs;
}

/** Each plan with one more strike, in every mode, at each call after its strikes or at the next `reach` calls. */
function continued({ plan, calls }: Run, reach = calls.length): Plan[] {
  const last = Math.max(0, ...plan.keys());
  return calls
    .slice(last, last + reach)
    .flatMap((_call, index) => MODES.map((mode) => new Map([...plan, [last + index + 1, mode]])));
}

/** The calls that were struck, such as `after 4 CreateRoom`. On a busy machine, a run may end before the last strike. */
function strikesOf({ calls }: Run): string[] {
  return calls.flatMap(({ operation, struck }, index) => (struck ? `${struck} ${index + 1} ${operation}` : []));
}

function strikesGetRoom({ calls }: Run): boolean {
  return calls.some(({ operation, struck }) => operation === 'GetRoom' && struck !== undefined);
}

/** The promises that a run has broken, and strikes that did not kill a process, because without kills a run proves nothing. */
function violationsOf(run: Run): string[] {
  const { calls, killedPids, rooms, completions, item, setAside, errors } = run;
  const kills = calls.filter(({ struck }) => struck === 'before' || struck === 'after').length;
  const ids = new Set(completions.map(({ id }) => id));
  const named = new Set(completions.map(({ data }) => (data.outcome === 'failed' ? data.reason : data.room.arn)));
  const inLedger = item?.decision === 'room' ? `${item.status} ${item.room_arn}` : item?.status;
  const violations = [
    killedPids.length !== kills && `${killedPids.length} processes killed`,
    rooms.length !== 1 && `${rooms.length} rooms`,
    ids.size !== 1 && `${ids.size} ids in ${completions.length} completions`,
    [...named].join() !== rooms[0] && `the completions name ${[...named]}`,
    inLedger !== `COMPLETED ${rooms[0]}` && `the ledger says ${inLedger}`,
    setAside !== 0 && `${setAside} messages set aside`,
    ...errors,
  ];
  return violations.flatMap((violation) => (violation === false ? [] : `${strikesOf(run)}: ${violation}`));
}

test('wherever a worker is killed or a response is lost, a key gets one room and its requests one completion', async () => {
  await Promise.all(Array.from({ length: STACK_COUNT }, () => open()));
  const untouched = await must(stacks[0]).run(new Map());
  const once = await runAll(continued(untouched));
  /** Repeats a run if a worker missed its slot on a busy machine, because CreateRoom is then at another place. */
  const afterCreateRoom = async (mode: Mode): Promise<Run> => {
    const place = untouched.calls.findIndex(({ operation }) => operation === 'CreateRoom') + 1;
    const isMeant = ({ calls }: Run) =>
      calls.some(({ operation, struck }) => operation === 'CreateRoom' && struck === mode);
    let run = once.find(isMeant);
    while (run === undefined || !isMeant(run)) run = await must(stacks[0]).run(new Map([[place, mode]]));
    return run;
  };
  const lost = await afterCreateRoom('lost');
  // A worker that waits for a slot of ListRooms writes to the pace item meanwhile, so GetRoom comes later.
  const lookedAtPlace = lost.calls.findIndex(({ operation }) => operation === 'GetRoom') + 2;
  const twice = await runAll([
    // The worker searches for its room and adopts it. The other message is answered.
    ...continued(lost, Math.max(9, lookedAtPlace - Math.max(...lost.plan.keys()))),
    // The worker of the other message finds the claim taken, and postpones the message.
    ...continued(await afterCreateRoom('after'), 2),
  ]);
  // The number of calls before GetRoom differs from run to run because of waits for slots and early looks, so runs are repeated.
  for (let last = lost; !twice.some(strikesGetRoom); twice.push(last)) {
    const place = last.calls.findIndex(({ operation }) => operation === 'GetRoom') + 1;
    last = await must(stacks[0]).run(new Map([...lost.plan, [place || lookedAtPlace - 1, 'before']]));
  }
  expect([untouched, ...once, ...twice].flatMap(violationsOf)).toEqual([]);
  const points = [...once, ...twice].filter((run) => strikesOf(run).length === run.plan.size);
  expect(new Set(points.flatMap(({ calls }) => calls.flatMap((call) => (call.struck ? call.operation : []))))).toEqual(
    new Set(['UpdateItem', 'CreateRoom', 'ListRooms', 'GetRoom', 'Publish', 'ChangeMessageVisibilityBatch']),
  );
  console.log(`${points.length} points at which a worker was killed or a response was lost`);
}, 180_000);

test('control: if rooms are listed later than the worker is configured for, a key gets a second room', async () => {
  const stack = await open({ listingLagSeconds: 1_000 });
  const run = await stack.run(new Map([[4, 'after']]));
  expect(violationsOf(run)).toContain('after 4 CreateRoom: 2 rooms');
}, 60_000);
