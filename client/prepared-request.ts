import type { Completion } from '../lib/contract/completion.ts';
import {
  completionId,
  invalidCompletionId,
  keyReleasedCompletionId,
  keyReusedCompletionId,
  unparseableCompletionId,
} from '../lib/contract/completion-id.ts';
import { payloadHashes } from '../lib/contract/payload-notations.ts';
import { type ReadMessage, type ReadRequest, readMessage } from '../lib/contract/read-message.ts';
import type { Region } from '../lib/contract/regions.ts';
import { RELEASES } from './assumed-settings.ts';
import type { RequestLine } from './request-lines.ts';

// The default of a deployment. Neither a request's validity nor the recognition of its completion depends on it.
const REQUEST_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** A line together with the request that the service will read from it. */
export interface PreparedRequest extends RequestLine {
  read: ReadMessage;
  /** The tenant of the request; `default` if it cannot be read. */
  tenant: string;
  region?: Region;
  /** Undefined if it cannot be read. */
  idempotencyKey: string | undefined;
  /** Whether a completion is the answer to this request, or to an equal one. */
  isAnsweredBy(completion: Completion): boolean;
}

/** @param region the deployment's region, in which requests without a region create their rooms */
export function prepareRequest(
  line: RequestLine,
  { region, nowMs }: { region: Region; nowMs: number },
): PreparedRequest {
  const { body } = line;
  const read = readMessage(
    { body, sentTimestampMs: nowMs, isFromRoster: false },
    { region, requestMaxAgeMs: REQUEST_MAX_AGE_MS, ...RELEASES, nowMs },
  );
  switch (read.kind) {
    case 'request': {
      const { idempotencyKey, tenant } = read.request;
      return { ...line, read, tenant, region: read.region, idempotencyKey, isAnsweredBy: answersTo(read) };
    }
    case 'invalid': {
      const { idempotencyKey, tenant = 'default', acceptedBefore } = read;
      const answerId = invalidCompletionId(idempotencyKey, body);
      const answersKnown = acceptedBefore === undefined ? () => false : answersTo(acceptedBefore);
      const isAnsweredBy = (completion: Completion) => completion.id === answerId || answersKnown(completion);
      return { ...line, read, tenant, idempotencyKey, isAnsweredBy };
    }
    case 'release':
    case 'invalid-release': {
      // Release commands are answered by events about releases, not by completions.
      const { idempotencyKey, tenant = 'default' } = read;
      return { ...line, read, tenant, idempotencyKey, isAnsweredBy: () => false };
    }
    case 'unparseable': {
      const answerId = unparseableCompletionId(body);
      return { ...line, read, tenant: 'default', idempotencyKey: undefined, isAnsweredBy: ({ id }) => id === answerId };
    }
  }
}

function answersTo({ request: { idempotencyKey, room }, region }: ReadRequest): (completion: Completion) => boolean {
  const notations = payloadHashes({ room, region }).map((payloadHash) => ({ idempotencyKey, payloadHash }));
  return ({ id, data: { claimId, generation = 0, outcome } }) =>
    notations.some((identity) => id === completionId({ ...identity, claimId, generation, outcome })) ||
    (claimId !== undefined &&
      notations.some(
        (identity) =>
          id === keyReusedCompletionId({ ...identity, claimId }) ||
          id === keyReleasedCompletionId({ ...identity, claimId, generation }),
      ));
}
