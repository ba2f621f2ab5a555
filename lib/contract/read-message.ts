import { type EnvelopeKind, unwrap } from './envelopes.ts';
import { keyEdgeProblems } from './key-edges.ts';
import { RESERVED_KEY_PREFIXES } from './keys.ts';
import { otherRegionProblems } from './other-regions.ts';
import { type Problem, problemsOf } from './problems.ts';
import type { Region } from './regions.ts';
import { type RoomRequest, roomRequestSchema } from './room-request.ts';
import { timestampMs } from './timestamp.ts';
import { firstTraceparent } from './traceparent.ts';

export interface IncomingMessage {
  body: string;
  /** When SQS accepted the message, in epoch milliseconds. */
  sentTimestampMs: number;
  /**
   * Present if an operator sent the message back. The message then counts as sent when the redrive queue accepted it, regardless of the
   * times in its envelopes, and `neededByMs` replaces the request's own `neededBy`.
   */
  redriven?: { neededByMs?: number };
  /** Whether the message may name a roster and use a roster's keys. */
  isFromRoster: boolean;
  /** The message attribute of this name. It takes precedence over the envelope's, because the last sender has set it. */
  traceparent?: string | undefined;
}

export interface ReadDefaults {
  region: Region;
  /** How long after its arrival a request without `neededBy` expires. */
  requestMaxAgeMs: number;
  nowMs: number;
}

/** The facts about any message. */
interface MessageFacts {
  sentAtMs: number;
  /** The sender's trace context, if it is valid. It appears only in log lines and in the attributes of the completion. */
  traceparent?: string;
}

/** A valid request. */
export interface ReadRequest extends MessageFacts {
  kind: 'request';
  request: RoomRequest;
  neededByMs: number;
  region: Region;
  envelope: EnvelopeKind;
  viaSns: boolean;
}

export type ReadMessage =
  | ReadRequest
  /** An invalid request whose key can be read. Its other fields are present if they are valid. */
  | (MessageFacts & {
      kind: 'invalid';
      idempotencyKey: string;
      tenant?: string;
      region?: Region;
      correlationId?: string;
      metadata?: Record<string, unknown>;
      roster?: string;
      problems: Problem[];
      /** The request, if it is invalid only because of its sender, or because of its sender and resources of another region. */
      reserved?: ReadRequest;
      /** The request, if release 0.1.0 would have accepted it. The ledger may know its key. */
      acceptedBefore?: ReadRequest;
    })
  | (MessageFacts & { kind: 'unparseable'; problems: Problem[] });

const RESERVED_FOR = 'the requests that greenroom sends for bulk jobs and live events';
const MAX_AHEAD_MS = 7 * 24 * 60 * 60 * 1000;
const TOO_FAR_AHEAD = {
  path: 'neededBy',
  message: 'is more than 7 days after the request arrived: schedule a live event, which requests its rooms in time',
};

/**
 * Reads a message. Returns its request, or all of its problems. It never throws, whatever the body contains.
 *
 * `sentAtMs` is the earliest of the times that SQS and the envelopes state, so that a copy that is forwarded later counts as sent at the
 * time of the original. The default of `neededBy` counts from the arrival instead. An envelope's time may be the time of another event, or
 * long past if an archive is replayed.
 */
export function readMessage(message: IncomingMessage, defaults: ReadDefaults): ReadMessage {
  const unwrapped = unwrap(message.body);
  const { payload, envelope, viaSns, timesMs, problems: envelopeProblems, losses } = unwrapped;
  const traceparent = firstTraceparent(message.traceparent, unwrapped.traceparent);
  const arrivedAtMs = Number.isFinite(message.sentTimestampMs) ? message.sentTimestampMs : defaults.nowMs;
  const sentAtMs = message.redriven ? arrivedAtMs : Math.min(arrivedAtMs, ...timesMs);
  const facts: MessageFacts = { sentAtMs, ...(traceparent && { traceparent }) };
  const neededByMs = message.redriven?.neededByMs ?? neededByOf(payload) ?? arrivedAtMs + defaults.requestMaxAgeMs;
  const generalProblems = [...envelopeProblems, ...(neededByMs > arrivedAtMs + MAX_AHEAD_MS ? [TOO_FAR_AHEAD] : [])];
  const reservedProblems = message.isFromRoster ? [] : reservedIn(payload);
  const regionProblems = payload ? otherRegionProblems(payload, defaults.region) : [];
  // Release 0.1.0 accepted such keys and texts in bulk jobs and live events. Their requests may still be in a lane.
  const keyProblems = message.isFromRoster ? [] : keyEdgeProblems('idempotencyKey', payload?.idempotencyKey);
  const lossProblems = message.isFromRoster ? [] : losses;
  const problems = [...generalProblems, ...reservedProblems, ...keyProblems, ...lossProblems, ...regionProblems];

  if (payload === undefined) return { kind: 'unparseable', problems, ...facts };
  // A request whose roster is refused is not a member, so no roster may count its failure.
  const fields = message.isFromRoster ? payload : { ...payload, roster: undefined };
  const result = roomRequestSchema.safeParse(payload);
  if (!result.success)
    return refuse(fields, [...problems, ...problemsOf(result.error, roomRequestSchema)], facts, defaults.region);
  const request = result.data;
  const region = request.region ?? defaults.region;
  const read: ReadRequest = { kind: 'request', request, ...facts, neededByMs, region, envelope, viaSns };
  if (problems.length === 0) return read;
  const refused = refuse(fields, problems, facts, defaults.region);
  if (refused.kind === 'unparseable' || generalProblems.length > 0) return refused;
  return { ...refused, ...(reservedProblems.length > 0 ? { reserved: read } : { acceptedBefore: read }) };
}

function refuse(
  fields: Record<string, unknown>,
  problems: Problem[],
  facts: MessageFacts,
  defaultRegion: Region,
): Exclude<ReadMessage, ReadRequest> {
  const { shape } = roomRequestSchema;
  const idempotencyKey = shape.idempotencyKey.safeParse(fields.idempotencyKey).data;
  if (idempotencyKey === undefined) return { kind: 'unparseable', problems, ...facts };
  const tenant = shape.tenant.safeParse(fields.tenant).data;
  const region = fields.region === undefined ? defaultRegion : shape.region.safeParse(fields.region).data;
  const correlationId = shape.correlationId.safeParse(fields.correlationId).data;
  const metadata = shape.metadata.safeParse(fields.metadata).data;
  const roster = shape.roster.safeParse(fields.roster).data;
  return {
    kind: 'invalid',
    idempotencyKey,
    ...(tenant !== undefined && { tenant }),
    ...(region !== undefined && { region }),
    ...(correlationId !== undefined && { correlationId }),
    ...(metadata !== undefined && { metadata }),
    ...(roster !== undefined && { roster }),
    problems,
    ...facts,
  };
}

/**
 * The problems of fields that only greenroom's own functions may set. If anyone could set them, any request could count for a roster, or
 * claim the key of a member.
 */
function reservedIn(payload: Record<string, unknown> | undefined): Problem[] {
  const { idempotencyKey, roster } = payload ?? {};
  const prefix = RESERVED_KEY_PREFIXES.find(
    (each) => typeof idempotencyKey === 'string' && idempotencyKey.startsWith(each),
  );
  return [
    ...(prefix === undefined
      ? []
      : [
          {
            path: 'idempotencyKey',
            message: `must not begin with "${prefix}": such keys are reserved for ${RESERVED_FOR}`,
          },
        ]),
    ...(roster === undefined
      ? []
      : [{ path: 'roster', message: `must be left out: it is reserved for ${RESERVED_FOR}` }]),
  ];
}

function neededByOf(payload: Record<string, unknown> | undefined): number | undefined {
  const { data } = roomRequestSchema.shape.neededBy.safeParse(payload?.neededBy);
  return data === undefined ? undefined : timestampMs(data);
}
