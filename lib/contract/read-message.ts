import { type EnvelopeKind, type Unwrapped, unwrap } from './envelopes.ts';
import { keyTextProblems } from './key-edges.ts';
import { RESERVED_KEY_PREFIXES } from './keys.ts';
import type { MessageFacts } from './message-facts.ts';
import { otherRegionProblems } from './other-regions.ts';
import { type Problem, problemsOf } from './problems.ts';
import { isReleaseCommand, type ReadInvalidRelease, type ReadRelease, readRelease } from './read-release.ts';
import type { Region } from './regions.ts';
import { ROOM_RELEASE_REQUESTED } from './release-command.ts';
import { timeIn } from './release-problems.ts';
import type { Wish } from './release-wish.ts';
import { requestOffProblems, requestWish, requestWishProblems } from './request-wish.ts';
import { type RoomRequest, roomRequestSchema } from './room-request.ts';
import { firstTraceparent } from './traceparent.ts';

export interface IncomingMessage {
  body: string;
  /** When SQS accepted the message, in epoch milliseconds. */
  sentTimestampMs: number;
  /**
   * Present if an operator sent the message back. The message then counts as sent when the redrive queue accepted it, regardless of the
   * times in its envelopes, and `neededByMs` replaces the request's own `neededBy`. `wishedAtMs` is when the message was first sent. A wish
   * counts as made at that time, so that a redrive does not make an old wish the newest.
   */
  redriven?: { neededByMs?: number; wishedAtMs?: number };
  /** Whether the message may name a roster and use a roster's keys. */
  isFromRoster: boolean;
  /** The message attribute of this name. It takes precedence over the one in the envelope, because the last sender has set it. */
  traceparent?: string | undefined;
}

export interface ReadDefaults {
  region: Region;
  /** How long after its arrival a request without `neededBy` expires. */
  requestMaxAgeMs: number;
  nowMs: number;
  /** Whether the deployment releases rooms. If not, every wish is refused, except those of greenroom's own functions. */
  releases: boolean;
}

/** A valid request. */
export interface ReadRequest extends MessageFacts {
  kind: 'request';
  request: RoomRequest;
  neededByMs: number;
  /** When the request was first sent. Its own wish counts as made at this time. */
  askedAtMs: number;
  /** The request's own wish; absent if it states no release time. */
  wish?: Wish;
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
      /**
       * The request, if version 0.1.0 would have accepted it, or if it is invalid only because releases are switched off: it may have been
       * accepted before. The ledger may know its key.
       */
      acceptedBefore?: ReadRequest;
    })
  | ReadRelease
  | ReadInvalidRelease
  | (MessageFacts & { kind: 'unparseable'; problems: Problem[] });

/** The problems of a message; none if it is valid. */
export function problemsIn(read: ReadMessage): Problem[] {
  return 'problems' in read ? read.problems : [];
}

/** A message that contains no valid request or command. */
type Refused = Extract<ReadMessage, { kind: 'invalid' | 'unparseable' }>;

const RESERVED_FOR = 'the requests that greenroom sends for bulk jobs and live events';
const MAX_AHEAD_MS = 7 * 24 * 60 * 60 * 1000;
const TOO_FAR_AHEAD = {
  path: 'neededBy',
  message: 'is more than 7 days after the request arrived: schedule a live event, which requests its rooms in time',
};

/**
 * Reads a message. Returns its request or release command, or all of its problems. It never throws, even if the body is unreadable.
 *
 * `sentAtMs` is the earliest of the times that SQS and the envelopes state, so that a copy that is forwarded later counts as sent at the
 * time of the original. The default of `neededBy` counts from the arrival instead. An envelope's time may be the time of another event, or
 * long past if an archive is replayed.
 */
export function readMessage(message: IncomingMessage, defaults: ReadDefaults): ReadMessage {
  const { isFromRoster, redriven } = message;
  const unwrapped = unwrap(message.body);
  const { timesMs } = unwrapped;
  const traceparent = firstTraceparent(message.traceparent, unwrapped.traceparent);
  const arrivedAtMs = Number.isFinite(message.sentTimestampMs) ? message.sentTimestampMs : defaults.nowMs;
  const sentAtMs = redriven ? arrivedAtMs : Math.min(arrivedAtMs, ...timesMs);
  const askedAtMs = Math.min(arrivedAtMs, redriven?.wishedAtMs ?? arrivedAtMs, ...timesMs);
  const facts: MessageFacts = { sentAtMs, ...(traceparent && { traceparent }) };
  if (!isReleaseCommand(unwrapped))
    return readRequest(unwrapped, message, { ...defaults, facts, arrivedAtMs, askedAtMs });
  const { releases, nowMs } = defaults;
  const reading = { facts, askedAtMs, isFromRoster, releases, nowMs };
  return readRelease(unwrap(message.body, ROOM_RELEASE_REQUESTED), reading);
}

type RequestReading = ReadDefaults & { facts: MessageFacts; arrivedAtMs: number; askedAtMs: number };

function readRequest(unwrapped: Unwrapped, message: IncomingMessage, reading: RequestReading): ReadRequest | Refused {
  const { payload, envelope, viaSns } = unwrapped;
  const { facts, arrivedAtMs, region: defaultRegion } = reading;
  const neededByMs = message.redriven?.neededByMs ?? timeIn(payload?.neededBy) ?? arrivedAtMs + reading.requestMaxAgeMs;
  const { general, off, reserved, problems } = requestProblems(unwrapped, message, { ...reading, neededByMs });
  if (payload === undefined) return { kind: 'unparseable', problems, ...facts };
  // A request whose roster is refused is not a member, so no roster may count its failure.
  const fields = message.isFromRoster ? payload : { ...payload, roster: undefined };
  const result = roomRequestSchema.safeParse(payload);
  if (!result.success)
    return refuse(fields, [...problems, ...problemsOf(result.error, roomRequestSchema)], facts, defaultRegion);
  const request = result.data;
  const region = request.region ?? defaultRegion;
  const { wish, askedAtMs } = requestWish(request, reading.askedAtMs);
  const read: ReadRequest = { kind: 'request', request, ...facts, neededByMs, askedAtMs, region, envelope, viaSns };
  if (problems.length === 0) return { ...read, ...(wish && { wish }) };
  const refused = refuse(fields, problems, facts, defaultRegion);
  if (refused.kind === 'unparseable' || general.length > 0) return refused;
  // A refused request can only get an outcome that already exists, so its wish does not count.
  if (reserved.length > 0) return { ...refused, reserved: read };
  if (wish === undefined) return { ...refused, acceptedBefore: read };
  return problems.length > off.length ? refused : { ...refused, acceptedBefore: { ...read, wish } };
}

/** The problems that the schema does not find, in the order in which they are reported, and some groups of them. */
function requestProblems(
  { payload, problems: envelopeProblems, losses }: Unwrapped,
  { isFromRoster }: IncomingMessage,
  { facts, arrivedAtMs, neededByMs, releases, region }: RequestReading & { neededByMs: number },
) {
  const general = [
    ...envelopeProblems,
    ...(neededByMs > arrivedAtMs + MAX_AHEAD_MS ? [TOO_FAR_AHEAD] : []),
    ...requestWishProblems(payload, { isFromRoster, sentAtMs: facts.sentAtMs }),
  ];
  const off = requestOffProblems(payload, { isFromRoster, releases });
  const reserved = isFromRoster ? [] : reservedIn(payload);
  // Version 0.1.0 accepted such keys and strings in bulk jobs and live events. Their requests may still be in a lane.
  const texts = isFromRoster ? [] : [...keyTextProblems('idempotencyKey', payload?.idempotencyKey), ...losses];
  const regions = payload ? otherRegionProblems(payload, region) : [];
  return { general, off, reserved, problems: [...general, ...off, ...reserved, ...texts, ...regions] };
}

function refuse(
  fields: Record<string, unknown>,
  problems: Problem[],
  facts: MessageFacts,
  defaultRegion: Region,
): Refused {
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
  const { idempotencyKey, roster, releaseWishedAt } = payload ?? {};
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
    ...Object.entries({ roster, releaseWishedAt })
      .filter(([, value]) => value !== undefined)
      .map(([path]) => ({ path, message: `must be left out: it is reserved for ${RESERVED_FOR}` })),
  ];
}
