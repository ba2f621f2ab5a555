import { afterEach, expect, test } from '@jest/globals';
import { MODES, type Plan } from '../../support/killing-proxy.ts';
import { type KillingStack, openKillingStack, type Run } from '../../support/killing-stack.ts';
import { must } from '../../support/must.ts';

/** The request of a killed worker waits for seconds, so many stacks can wait at the same time. Each stack has one request. */
const STACK_COUNT = 8;

/** Ends a test that hangs. Each run has a limit of its own, and on a busy machine all of them together may take minutes. */
const LIMIT_MS = 600_000;

const stacks: KillingStack[] = [];
afterEach(() => Promise.all(stacks.splice(0).map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingStack>): Promise<KillingStack> {
  const stack = await openKillingStack(...options);
  stacks.push(stack);
  return stack;
}

const isTimeout = (violation: string) => violation.includes('Task timed out');
const MOST_RUNS = 3;

/**
 * Repeats a run in which a worker had too little time, which happens on a busy machine. A worker that hangs because of its plan hangs in
 * every run, and any other violation counts at once.
 */
async function runInTime(stack: KillingStack, plan: Plan): Promise<Run> {
  for (let count = 1; ; count++) {
    const run = await stack.run(plan);
    const violations = violationsOf(run);
    if (count === MOST_RUNS || violations.length === 0 || !violations.every(isTimeout)) return run;
  }
}

/** Runs as many plans at a time as there are stacks. A run may lead to further plans. */
async function runAll(first: Plan[], furtherPlans: (run: Run) => Plan[]): Promise<Run[]> {
  const plans = [...first];
  const runs: Run[] = [];
  const workOff = async (stack: KillingStack) => {
    for (let plan = plans.shift(); plan; plan = plans.shift()) {
      const run = await runInTime(stack, plan);
      runs.push(run);
      plans.push(...furtherPlans(run));
    }
  };
  await Promise.all(stacks.map(workOff));
  return runs;
}

/** Each plan with one more strike, in every mode, at each call after its strikes or at each of these calls up to the first of `last`. */
function continued({ plan, calls }: Run, last?: string): Plan[] {
  const later = calls.slice(calls.findLastIndex(({ struck }) => struck !== undefined) + 1);
  const reach = last === undefined ? later.length : later.findIndex(({ operation }) => operation === last) + 1;
  return later.slice(0, reach).flatMap(({ operation }, index) => {
    const nth = later.slice(0, index + 1).filter((call) => call.operation === operation).length;
    return MODES.map((mode) => [...plan, { operation, nth, mode }]);
  });
}

/** Whether the plan strikes only the call that creates the room. */
function isRoot([first, second]: Plan): boolean {
  return first?.operation === 'CreateRoom' && second === undefined;
}

/** A second strike after the call that creates the room. */
function secondStrikes(run: Run): Plan[] {
  if (!isRoot(run.plan)) return [];
  const mode = run.plan[0]?.mode;
  // The worker searches for its room and adopts it. The other message is answered.
  if (mode === 'lost') return continued(run);
  // The worker of the other message finds the claim taken, and postpones the message.
  return mode === 'after' ? continued(run, 'ChangeMessageVisibilityBatch') : [];
}

/** The calls that were struck, such as `after 4 CreateRoom`. */
function strikesOf({ calls }: Run): string[] {
  return calls.flatMap(({ operation, struck }, index) => (struck ? `${struck} ${index + 1} ${operation}` : []));
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

test(
  'wherever a worker is killed or a response is lost, a key gets one room and its requests one completion',
  async () => {
    await Promise.all(Array.from({ length: STACK_COUNT }, () => open()));
    const untouched = await must(stacks[0]).run([]);
    // The runs that lead to further runs come first.
    const { true: roots = [], false: others = [] } = Object.groupBy(continued(untouched), (plan) => `${isRoot(plan)}`);
    const runs = await runAll([...roots, ...others], secondStrikes);
    expect([untouched, ...runs].flatMap(violationsOf)).toEqual([]);
    // On a busy machine, `untouched` may have calls that other runs lack.
    const points = runs.filter((run) => strikesOf(run).length === run.plan.length);
    expect(new Set(points.flatMap(({ plan }) => plan.map(({ operation }) => operation)))).toEqual(
      new Set(['UpdateItem', 'CreateRoom', 'ListRooms', 'GetRoom', 'Publish', 'ChangeMessageVisibilityBatch']),
    );
    console.log(`${points.length} points at which a worker was killed or a response was lost`);
  },
  LIMIT_MS,
);

test('control: if rooms are listed later than the worker is configured for, a key gets a second room', async () => {
  const stack = await open({ listingLagSeconds: 1_000 });
  const run = await stack.run([{ operation: 'CreateRoom', nth: 1, mode: 'after' }]);
  expect(violationsOf(run)).toContainEqual(expect.stringMatching(/^after \d+ CreateRoom: 2 rooms$/));
}, 60_000);
