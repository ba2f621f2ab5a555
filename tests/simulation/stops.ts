import type { UpdateItemInput } from '@aws-sdk/client-dynamodb';
import type { ServiceResponse } from '../../emulator/service.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { liveEventRosterId } from '../../lib/contract/live-event.ts';
import { shortJobId } from '../../lib/contract/short-job-id.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { forgetStoppedJob, stopJob } from '../../lib/pace/stopped-jobs.ts';
import { updateItemInput } from '../../lib/platform/update-expression.ts';
import type { Worker } from '../../simulation/virtual-time.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { Violation } from './invariants.ts';
import { completionsAmong } from './published.ts';
import type { ScenarioRequest } from './scenario.ts';
import { count, note, type World } from './world.ts';

/** The bulk job of a scenario, to which some of its requests may belong. */
export const JOB = 'ab'.repeat(32);
/** The sender of the rows of bulk jobs. */
export const ROW_SENDER = `${config.rosterSenderRoleIds[0]}:start-bulk-job`;

/** The sender of the requests of live events. */
export const EVENT_SENDER = `${config.rosterSenderRoleIds[1]}:schedule-live-events`;

/** The body of the message of a request. */
export function bodyOf(request: Omit<ScenarioRequest, 'sentAtMs'>): string {
  const { number, idempotencyKey, room, neededByMs, releaseAtMs, wishedAtMs, isRow, revision } = request;
  return JSON.stringify({
    idempotencyKey,
    room,
    correlationId: `request ${number}`,
    ...(neededByMs !== undefined && { neededBy: new Date(neededByMs).toISOString() }),
    ...(releaseAtMs !== undefined && { releaseAt: new Date(releaseAtMs).toISOString() }),
    ...(wishedAtMs !== undefined && { releaseWishedAt: new Date(wishedAtMs).toISOString() }),
    ...(revision !== undefined && { roster: liveEventRosterId('final', revision) }),
    ...(isRow && { roster: JOB }),
  });
}

const REGION = 'eu-west-1';
/** The largest error of a worker's clock. */
const MAX_SKEW_MS = 5_000;

/** Stops the job, or removes it from the stopped jobs, as `greenroom bulk stop` and the tracker do. */
export async function writeStop(world: World, what: 'stop' | 'forget'): Promise<void> {
  const job = shortJobId(JOB) ?? '';
  const update = what === 'stop' ? stopJob(job) : forgetStoppedJob(job);
  await writeUpdate(
    world,
    updateItemInput({ tableName: 'pace', key: { id: { S: `${REGION}#CreateRoom` } }, ...update }),
  );
  note(world, undefined, what === 'stop' ? 'the job is stopped' : 'the stopped job is forgotten');
}

/** Writes an item as an operator. */
export async function writeUpdate(world: World, input: UpdateItemInput): Promise<void> {
  await world.dynamodb.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' },
    body: Buffer.from(JSON.stringify(input)),
    region: REGION,
  });
}

/** The completions that answer a request. Its correlationId is among their attributes. */
function answersTo(world: World, number: number) {
  return completionsAmong(
    world.messaging.published.filter(({ attributes }) => attributes.correlationId === `request ${number}`),
  );
}

/** Holds after every publication: only the rows of a stopped job end as stopped. Other requests for the same key do
 * not, but a copy of a message that was already answered may get any later outcome of its key. */
export function checkStopped(world: World): void {
  const [newest] = completionsAmong(world.messaging.published.slice(-1));
  if (newest && isStop(newest)) count(world, 'completion of a stopped row');
  for (const request of world.scenario.requests) {
    const [first] = answersTo(world, request.number);
    if (request.isRow || first === undefined || !isStop(first)) continue;
    if (!hadFailed(world, request))
      throw new Violation(`I13: request ${request.number} ends as stopped, although it belongs to no stopped job`);
  }
}

function isStop({ data }: Completion): boolean {
  return data.outcome === 'failed' && data.reason === 'stopped';
}

/** Whether an earlier failure of the key applied to the request. The request's message then gets the last failure, whatever its reason. */
function hadFailed(world: World, { idempotencyKey, sentAtMs }: ScenarioRequest): boolean {
  return completionsAmong(world.messaging.published).some(
    (each) =>
      each.subject === idempotencyKey &&
      each.data.outcome === 'failed' &&
      !isStop(each) &&
      Date.parse(each.time) >= sentAtMs - MAX_SKEW_MS,
  );
}

/** Whether all rows of the job are answered, so that its report can be written and the job can be forgotten. */
export function isJobAnswered(world: World): boolean {
  return world.scenario.requests.every(({ number, isRow = false }) => !isRow || answersTo(world, number).length > 0);
}

const POLL_MS = 60_000;

/** Stops the job of the scenario at its time, and forgets the stop once all rows are answered, however long that takes. */
export function planStop(world: World): void {
  const { stopAtMs } = world.scenario;
  if (stopAtMs === undefined) return;
  const forget = () => {
    if (isJobAnswered(world)) void writeStop(world, 'forget');
    else world.time.after(POLL_MS, forget);
  };
  world.time.after(Math.max(0, stopAtMs - world.time.nowMs()), () => {
    count(world, 'bulk job stopped');
    if (world.scenario.requests.some(({ isRow, releaseAtMs }) => isRow && releaseAtMs !== undefined))
      count(world, 'row with a wish in a stopped job');
    void writeStop(world, 'stop');
    world.time.after(POLL_MS, forget);
  });
}

/** When each worker first received a pace item that names the stopped job. */
const informed = new WeakMap<Worker, number>();
/** Notes what a worker learns from a response, when it receives it. */
export function noteInformed(world: World, worker: Worker, response: ServiceResponse): void {
  if (informed.has(worker) || 'lost' in response) return;
  // The item of a key has an attribute of this name, too.
  const body = Buffer.from(response.body);
  if (body.includes('#CreateRoom') && body.includes('stopped_jobs')) informed.set(worker, world.time.nowMs());
}

/** Holds at every CreateRoom: a worker that knows that the job is stopped sends no call for a key that only rows of the job request. */
export function checkStoppedCall(world: World, worker: Worker, body: string): void {
  const knownSinceMs = informed.get(worker);
  if (knownSinceMs === undefined || world.time.nowMs() <= knownSinceMs) return;
  const key = JSON.parse(body).tags[KEY_TAG];
  const requests = world.scenario.requests.filter(({ idempotencyKey }) => ledgerKey(idempotencyKey) === key);
  if (requests.length > 0 && requests.every(({ isRow = false }) => isRow))
    throw new Violation(`I14: a room is requested for ${requests[0]?.idempotencyKey} after its job was stopped`);
}
