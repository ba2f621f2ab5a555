import { afterEach, expect, test } from '@jest/globals';
import { MODES, type Plan } from '../support/killing-proxy.ts';
import { type KillingStack, openKillingStack, type Run } from '../support/killing-stack.ts';

/** The request of a dead worker waits for seconds, so that many can wait at the same time; each stack works on one. */
const STACK_COUNT = 10;
/** The fourth call of a request is its CreateRoom. */
const CREATE_ROOM = 4;

/** Whatever else is struck comes after one of these, up to so many calls later. */
const BEGINNINGS: { plan: Plan; reach: number }[] = [
  { plan: new Map(), reach: Number.POSITIVE_INFINITY },
  // The worker looks for its room, and adopts it.
  { plan: new Map([[CREATE_ROOM, 'lost']]), reach: Number.POSITIVE_INFINITY },
  // The other message's worker finds the claim taken, and gives the message back to its queue.
  { plan: new Map([[CREATE_ROOM, 'after']]), reach: 2 },
];

const stacks: KillingStack[] = [];
afterEach(() => Promise.all(stacks.splice(0).map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingStack>): Promise<KillingStack> {
  const stack = await openKillingStack(...options);
  stacks.push(stack);
  return stack;
}

/** Each with a key of its own, as many at a time as there are stacks. */
async function runAll(plans: Plan[]): Promise<Run[]> {
  const runs: Run[] = [];
  const left = plans.entries();
  const workOff = async (stack: KillingStack) => {
    for (const [index, plan] of left) runs[index] = await stack.run([...plan].join(' ') || 'untouched', plan);
  };
  await Promise.all(stacks.map(workOff));
  return runs;
}

/** The same and one strike more, in every mode, at each of the next calls. */
function continued({ plan, calls }: Run, reach = 0): Plan[] {
  const last = Math.max(0, ...plan.keys());
  return calls
    .slice(last, last + reach)
    .flatMap((_call, index) => MODES.map((mode) => new Map([...plan, [last + index + 1, mode]])));
}

/** Every promise that a run did not keep; and what was not carried out of its plan, without which it proves nothing. */
function violationsOf({ plan, calls, killedPids, rooms, completions, item, setAside, errors }: Run): string[] {
  const struck = calls.flatMap((call, index) => (call.struck ? `${call.struck} ${index + 1} ${call.operation}` : []));
  const kills = [...plan.values()].filter((mode) => mode !== 'lost').length;
  const ids = new Set(completions.map(({ id }) => id));
  const named = new Set(completions.map(({ data }) => (data.outcome === 'failed' ? data.reason : data.room.arn)));
  const inLedger = item?.decision === 'room' ? `${item.status} ${item.room_arn}` : item?.status;
  const violations = [
    struck.length !== plan.size && `${struck.length} of ${plan.size} calls struck`,
    killedPids.length !== kills && `${killedPids.length} processes killed`,
    rooms.length !== 1 && `${rooms.length} rooms`,
    ids.size !== 1 && `${ids.size} ids in ${completions.length} completions`,
    [...named].join() !== rooms[0] && `the completions name ${[...named]}`,
    inLedger !== `COMPLETED ${rooms[0]}` && `the ledger says ${inLedger}`,
    setAside !== 0 && `${setAside} messages set aside`,
    ...errors,
  ];
  return violations.flatMap((violation) => (violation === false ? [] : `${struck.join(', ')}: ${violation}`));
}

test('wherever its worker is killed or an answer is lost, a key gets one room and its requests one completion', async () => {
  await Promise.all(Array.from({ length: STACK_COUNT }, () => open()));
  const begun = await runAll(BEGINNINGS.map(({ plan }) => plan));
  const runs = await runAll(begun.flatMap((run, index) => continued(run, BEGINNINGS[index]?.reach)));
  expect([...begun, ...runs].flatMap(violationsOf)).toEqual([]);
  const struck = runs.flatMap(({ calls }) => calls.flatMap((call) => (call.struck ? call.operation : [])));
  expect([...new Set(struck)].sort()).toEqual([
    'ChangeMessageVisibilityBatch',
    'CreateRoom',
    'GetRoom',
    'ListRooms',
    'Publish',
    'UpdateItem',
  ]);
  console.log(`Struck at ${runs.length} points`);
}, 180_000);

test('rooms that are listed later than the worker is told to expect get a second one', async () => {
  const stack = await open({ listingLagSeconds: 1_000 });
  const run = await stack.run('late', new Map([[CREATE_ROOM, 'after']]));
  expect(violationsOf(run)).toContain(`after ${CREATE_ROOM} CreateRoom: 2 rooms`);
}, 60_000);
