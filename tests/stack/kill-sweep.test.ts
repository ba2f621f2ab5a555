import { afterAll, expect, test } from '@jest/globals';
import { MODES, type Mode, type Plan } from '../support/killing-proxy.ts';
import { type KillingStack, openKillingStack, type Run } from '../support/killing-stack.ts';

/** The request of a dead worker waits for seconds, so that many can wait at the same time; each stack works on one. */
const STACK_COUNT = 10;
/** The fourth call of a request is its CreateRoom. */
const CREATE_ROOM = 4;

interface Point {
  name: string;
  plan: Plan;
}

interface Outcome extends Point {
  run: Run;
}

const stacks: KillingStack[] = [];
afterAll(() => Promise.all(stacks.map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingStack>): Promise<KillingStack> {
  const stack = await openKillingStack(...options);
  stacks.push(stack);
  return stack;
}

/** Every promise that a run did not keep; and what was not carried out of its plan, without which it proves nothing. */
function violationsOf({ name, plan, run }: Outcome): string[] {
  const { calls, killedPids, rooms, completions, item, setAside } = run;
  const kills = [...plan.values()].filter((mode) => mode !== 'lost').length;
  const struck = calls.filter((call) => call.struck !== undefined).length;
  const ids = new Set(completions.map(({ id }) => id));
  const named = new Set(completions.map(({ data }) => (data.outcome === 'failed' ? data.reason : data.room.arn)));
  const inLedger = item?.decision === 'room' ? `${item.status} ${item.room_arn}` : item?.status;
  const violations = [
    struck !== plan.size && `${struck} calls struck`,
    killedPids.length !== kills && `${killedPids.length} processes killed`,
    rooms.length !== 1 && `${rooms.length} rooms`,
    ids.size !== 1 && `${ids.size} ids in ${completions.length} completions`,
    [...named].join() !== rooms[0] && `the completions name ${[...named]}`,
    inLedger !== `COMPLETED ${rooms[0]}` && `the ledger says ${inLedger}`,
    setAside !== 0 && `${setAside} messages set aside`,
  ];
  return violations.flatMap((violation) => (violation === false ? [] : `${name}: ${violation}`));
}

/** Each with a key of its own, as many at a time as there are stacks. */
async function runAll(points: Point[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = points.values();
  const workOff = async (stack: KillingStack) => {
    for (const point of left) outcomes.push({ ...point, run: await stack.run(point.name, point.plan) });
  };
  await Promise.all(stacks.map(workOff));
  return outcomes;
}

/** One more strike, in every mode, at every call (or the next `reach` ones) that a run goes on with. */
function furtherPoints({ plan, run }: Outcome, reach = run.calls.length): Point[] {
  const [from = 0] = plan.keys();
  const calls = run.calls.map(({ operation }, index) => ({ operation, number: index + 1 })).slice(from, from + reach);
  return calls.flatMap(({ operation, number }) =>
    MODES.map((mode) => ({
      name: `${[...plan, `${mode} ${number}`].join(' ')} ${operation}`,
      plan: new Map<number, Mode>([...plan, [number, mode]]),
    })),
  );
}

test('one room per key and one completion per request, whichever call a worker is killed at, and whose answer is lost', async () => {
  await Promise.all(Array.from({ length: STACK_COUNT }, () => open()));
  const first = await runAll([
    { name: 'untouched', plan: new Map() },
    { name: 'lost', plan: new Map([[CREATE_ROOM, 'lost']]) },
    { name: 'killed', plan: new Map([[CREATE_ROOM, 'after']]) },
  ]);
  const [untouched, lost, killed] = ['untouched', 'lost', 'killed'].map((name) =>
    first.find((each) => each.name === name),
  );
  if (!untouched || !lost || !killed) throw new Error('A run is missing');
  const points = [
    ...furtherPoints(untouched),
    // It looks for the room and adopts it.
    ...furtherPoints(lost),
    // The other message finds the claim taken, and is given back to its queue.
    ...furtherPoints(killed, 2),
  ];
  const outcomes = [...first, ...(await runAll(points))];
  expect(outcomes.flatMap(violationsOf)).toEqual([]);
  const operations = new Set(
    outcomes.flatMap(({ run }) => run.calls.flatMap((call) => (call.struck ? call.operation : []))),
  );
  expect([...operations].sort()).toEqual([
    'ChangeMessageVisibilityBatch',
    'CreateRoom',
    'GetRoom',
    'ListRooms',
    'Publish',
    'UpdateItem',
  ]);
  console.log(`${points.length} points at which workers were killed or answers lost`);
}, 120_000);

test('rooms that are listed later than the worker is told to expect get a second one', async () => {
  const stack = await open({ listingLagSeconds: 1_000 });
  const plan = new Map<number, Mode>([[CREATE_ROOM, 'after']]);
  const run = await stack.run('control', plan);
  expect(violationsOf({ name: 'control', plan, run })).toContain('control: 2 rooms');
}, 60_000);
