import { completionSchema } from '../../lib/contract/completion.ts';
import { shortJobId } from '../../lib/contract/short-job-id.ts';
import { forgetStoppedJob, stopJob } from '../../lib/pace/stopped-jobs.ts';
import { updateItemInput } from '../../lib/platform/update-expression.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { Violation } from './invariants.ts';
import { note, type World } from './world.ts';

/** The bulk job of a scenario, to which some of its requests may belong. */
export const JOB = 'ab'.repeat(32);
/** The sender of the rows of bulk jobs. */
export const ROW_SENDER = `${config.rosterSenderRoleIds[0]}:start-bulk-job`;

/** The field of a request that makes it a row of the job. */
export function rosterOf(isRow = false): { roster?: string } {
  return isRow ? { roster: JOB } : {};
}

const REGION = 'eu-west-1';

/** Stops the job, or removes it from the stopped jobs, as `greenroom bulk stop` and the tracker do. */
export async function writeStop(world: World, what: 'stop' | 'forget'): Promise<void> {
  const job = shortJobId(JOB) ?? '';
  const update = what === 'stop' ? stopJob(job) : forgetStoppedJob(job);
  const input = updateItemInput({ tableName: 'pace', key: { id: { S: `${REGION}#CreateRoom` } }, ...update });
  await world.dynamodb.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' },
    body: Buffer.from(JSON.stringify(input)),
    region: REGION,
  });
  note(world, undefined, what === 'stop' ? 'the job is stopped' : 'the stopped job is forgotten');
}

/** The completions that answer a request. Its correlationId is among their attributes. */
function answersTo(world: World, number: number) {
  return world.messaging.published
    .filter(({ attributes }) => attributes.correlationId === `request ${number}`)
    .map(({ body }) => completionSchema.parse(JSON.parse(body)));
}

/** Holds after every publication: only the rows of a stopped job end as stopped. Other requests for the same key do
 * not, but a copy of a message that was already answered may get any later outcome of its key. */
export function checkStopped(world: World): void {
  for (const { number, isRow = false } of world.scenario.requests) {
    if (isRow) continue;
    const [first] = answersTo(world, number);
    if (first?.data.outcome === 'failed' && first.data.reason === 'stopped')
      throw new Violation(`I13: request ${number} ends as stopped, although it belongs to no stopped job`);
  }
}

/** Whether all rows of the job are answered, so that its report can be written and the job can be forgotten. */
export function isJobAnswered(world: World): boolean {
  return world.scenario.requests.every(({ number, isRow = false }) => !isRow || answersTo(world, number).length > 0);
}
