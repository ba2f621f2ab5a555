import { problemsIn } from '../../lib/contract/read-message.ts';
import { prepareRequest } from '../prepared-request.ts';
import { createRepeatedKeys } from '../repeated-keys.ts';
import { signalOf } from './call-options.ts';
import { laneOf } from './lane-of.ts';
import { messageBody } from './message-body.ts';
import type { RequestOptions, RequestResult, RoomRequestInput } from './request-result.ts';
import { type Ready, type Refused, sendChecked } from './send-checked.ts';
import type { ProgramStage } from './stage.ts';

interface ReadyRequest extends Ready {
  idempotencyKey: string;
}

interface RefusedRequest extends Refused {
  idempotencyKey?: string;
}

/**
 * Checks requests as greenroom does, and sends the valid ones, in as few calls as SQS allows, and in the message groups of their tenants
 * and regions. An invalid request does not prevent the others from being sent. A request with the key of an earlier one is invalid if its
 * room differs.
 * @returns a result for each request, in the same order
 * @throws RangeError for an unknown lane; the SDK's error if a call fails. Some requests may have been sent. It is safe to send all of them
 *   again, because each key gets at most one room
 */
export async function requestRooms(
  stage: ProgramStage,
  requests: Iterable<RoomRequestInput>,
  options: RequestOptions = {},
): Promise<RequestResult[]> {
  const keys = createRepeatedKeys();
  const checked = [...requests].map((request, index) => checkRequest(stage, request, { keys, index }));
  const sending = { queue: laneOf(options), signal: signalOf(options) };
  const attempts = await sendChecked<ReadyRequest, RefusedRequest>(stage, checked, sending);
  return attempts.map((attempt): RequestResult => {
    if (attempt.kind === 'invalid') return attempt;
    const { idempotencyKey } = attempt.message;
    if (attempt.kind === 'not-sent') return { kind: 'not-sent', idempotencyKey, problem: attempt.problem };
    return { kind: 'sent', idempotencyKey, requestedAt: new Date(attempt.sentFromMs).toISOString() };
  });
}

function checkRequest(
  { region, tenant, time }: ProgramStage,
  request: RoomRequestInput,
  { keys, index }: { keys: ReturnType<typeof createRepeatedKeys>; index: number },
): ReadyRequest | RefusedRequest {
  const written = messageBody(request, tenant);
  if (written.kind === 'invalid') return written;
  const { body } = written;
  const line = { number: 1, name: 'the request', body };
  const { read, idempotencyKey } = prepareRequest(line, { region: region(), nowMs: time.nowMs() });
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  if (read.kind === 'release')
    return { kind: 'invalid', ...key, problems: [{ path: 'type', message: 'names a release command: call release' }] };
  if (read.kind !== 'request') return { kind: 'invalid', ...key, problems: problemsIn(read) };
  const repeated = keys.note(read, `requests[${index}]`);
  if (repeated !== undefined) return { kind: 'invalid', ...key, problems: [repeated] };
  const { request: valid, region: place } = read;
  return { kind: 'ready', idempotencyKey: valid.idempotencyKey, body, tenant: valid.tenant, region: place };
}
