import type { Room } from '../../emulator/ivschat/rooms.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { CLAIM_TAG } from '../../lib/ledger/room-tags.ts';
import { Violation } from '../simulation/invariants.ts';
import { completionsAmong } from '../simulation/published.ts';
import type { ScenarioRequest } from '../simulation/scenario.ts';

/** Everything that a scenario has left behind. `completions` are in the order of their publication. */
export interface Story {
  requests: ScenarioRequest[];
  published: { body: string; attributes: Record<string, string> }[];
  rooms: Room[];
  /** The ARNs of the rooms whose release was decided. */
  released: ReadonlySet<string>;
}

/** The promises that can be checked only at the end of a scenario. The simulation's own promises are checked all along. */
export function checkStory({ requests, published, rooms, released }: Story): void {
  const completions = completionsAmong(published);
  const ledgerOutcomes = completions.filter(({ data }) => data.generation !== undefined && !isRejected(data));
  for (const [index, completion] of ledgerOutcomes.entries()) {
    const earlier = ledgerOutcomes.slice(0, index).filter(({ subject }) => subject === completion.subject);
    if (completion.data.outcome === 'failed') checkFailure(completion, earlier);
    else checkAskedAgain(completion, earlier, requests);
  }
  checkRejected(published);
  for (const { data } of completions) {
    if (data.outcome !== 'failed' && !released.has(data.room.arn)) checkRoom(data, rooms);
  }
}

function isKeyReused(data: Completion['data']): boolean {
  return data.outcome === 'failed' && data.reason === 'key-reused-with-different-payload';
}

/** Whether the completion does not contain the outcome of the key, because the ledger refuses the request. */
function isRejected(data: Completion['data']): boolean {
  return isKeyReused(data) || (data.outcome === 'failed' && data.reason === 'key-released');
}

function isStopped(data: Completion['data']): boolean {
  return data.outcome === 'failed' && data.reason === 'stopped';
}

function checkFailure(failed: Completion, earlier: Completion[]): void {
  const isRepeated = earlier.some(({ id }) => id === failed.id);
  if (!isRepeated && earlier.some(({ data }) => data.outcome !== 'failed')) {
    throw new Violation('I5: failed is published after provisioned');
  }
}

/** A failure is final until its key is requested again. */
function checkAskedAgain(provisioned: Completion, earlier: Completion[], requests: ScenarioRequest[]): void {
  const failures = earlier.filter(({ data }) => data.outcome === 'failed');
  const failure = failures.findLast((each) => !isStopped(each.data));
  const failedAtMs = failure ? Date.parse(failure.time) : Number.NEGATIVE_INFINITY;
  // The stop of a job is final for its rows, and does not count as a failure for other requests.
  const mayAsk = failures.some(({ data }) => isStopped(data)) ? requests.filter(({ isRow }) => !isRow) : requests;
  const asked = mayAsk.filter(({ idempotencyKey }) => idempotencyKey === provisioned.subject);
  if (!asked.some(({ sentAtMs }) => sentAtMs > failedAtMs)) {
    throw new Violation('I5: provisioned is published after failed, and the key was not requested again');
  }
}

/** A request that was rejected because its key belonged to another payload never gets the key, even if it is delivered again. */
function checkRejected(published: Story['published']): void {
  const answered = published.filter(({ attributes }) => attributes.correlationId !== undefined);
  for (const [request, answers] of Map.groupBy(answered, ({ attributes }) => attributes.correlationId)) {
    const outcomes = completionsAmong(answers).map(({ data }) => data);
    if (outcomes[0] && isKeyReused(outcomes[0]) && outcomes.some(({ outcome }) => outcome !== 'failed'))
      throw new Violation(`I5: ${request} was rejected, and gets a room`);
  }
}

function checkRoom(data: Exclude<Completion['data'], { outcome: 'failed' }>, rooms: Room[]): void {
  const room = rooms.find(({ arn }) => arn === data.room.arn);
  if (!room) throw new Violation('I7: a published room is deleted');
  if (!room.tags[CLAIM_TAG]?.endsWith(`.${data.generation}`)) {
    throw new Violation(
      `I4: the completion of generation ${data.generation} contains a room that was created for another`,
    );
  }
}
