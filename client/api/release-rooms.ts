import { problemsIn } from '../../lib/contract/read-message.ts';
import { RELEASE_COMMAND_TYPE } from '../../lib/contract/release-command.ts';
import { prepareRequest } from '../prepared-request.ts';
import { signalOf } from './call-options.ts';
import { laneOf } from './lane-of.ts';
import { messageBody } from './message-body.ts';
import type { ReleaseOptions, ReleaseResult } from './release-result.ts';
import { type Ready, type Refused, sendChecked } from './send-checked.ts';
import type { ProgramStage } from './stage.ts';

interface ReadyCommand extends Ready {
  idempotencyKey: string;
  wishedAtMs: number;
}

interface RefusedCommand extends Refused {
  idempotencyKey: string;
}

/**
 * Sends a release command for each key. All commands have the same `wishedAt`.
 * @param nextWishMs returns a later time for each call, so that a program's later decision always wins
 * @throws RangeError for an unknown lane; the SDK's error if a call fails. Some commands may have been sent
 */
export async function releaseRooms(
  stage: ProgramStage,
  keys: Iterable<string>,
  options: ReleaseOptions,
  nextWishMs: () => number,
): Promise<ReleaseResult[]> {
  const sending = { queue: laneOf(options), signal: signalOf(options) };
  // The response of this call shows AWS's time. The command needs it, because greenroom compares the times of all senders' decisions.
  await stage.deployment.queueUrl(sending.queue);
  const wishedAt = options.wishedAt ?? new Date(nextWishMs()).toISOString();
  const checked = [...keys].map((key) => checkCommand(stage, key, { ...options, wishedAt }));
  const attempts = await sendChecked<ReadyCommand, RefusedCommand>(stage, checked, sending);
  return attempts.map((attempt): ReleaseResult => {
    if (attempt.kind === 'invalid') return attempt;
    const { idempotencyKey, wishedAtMs } = attempt.message;
    if (attempt.kind === 'not-sent') return { kind: 'not-sent', idempotencyKey, problem: attempt.problem };
    // greenroom's answer contains this time in UTC with milliseconds, regardless of the notation that the program used.
    return { kind: 'sent', idempotencyKey, wishedAt: new Date(wishedAtMs).toISOString() };
  });
}

function checkCommand(
  { region, tenant: owner, time }: ProgramStage,
  idempotencyKey: string,
  { releaseAt, wishedAt, correlationId }: ReleaseOptions,
): ReadyCommand | RefusedCommand {
  // In the contract, an absent time means "now". A program that passes undefined by mistake must not delete a room.
  if (releaseAt === undefined) {
    const message = 'is missing: pass a time, "now", or null to keep the room';
    return { kind: 'invalid', idempotencyKey, problems: [{ path: 'releaseAt', message }] };
  }
  const named = owner === undefined ? {} : { tenant: owner };
  const wish = releaseAt === 'now' ? { wishedAt } : { releaseAt, wishedAt };
  const written = messageBody({ type: RELEASE_COMMAND_TYPE, idempotencyKey, ...wish, ...named, correlationId });
  if (written.kind === 'invalid') return { ...written, idempotencyKey };
  const { body } = written;
  const line = { number: 1, name: 'the command', body };
  const { read, tenant } = prepareRequest(line, { region: region(), nowMs: time.nowMs() });
  if (read.kind !== 'release') return { kind: 'invalid', idempotencyKey, problems: problemsIn(read) };
  return { kind: 'ready', idempotencyKey, wishedAtMs: read.wish.wishedAtMs, body, tenant };
}
