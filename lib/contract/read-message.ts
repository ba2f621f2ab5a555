import { type EnvelopeKind, isRecord, type Unwrapped, unwrap } from './envelopes.ts';
import { type Problem, problemsOf } from './problems.ts';
import type { Region } from './regions.ts';
import { type RoomRequest, roomRequestSchema } from './room-request.ts';

export interface IncomingMessage {
  body: string;
  /** When SQS took the message, in epoch milliseconds. */
  sentTimestampMs: number;
  /** What an operator who sends a parked request back says; each replaces every other time. */
  overrides?: { sentAtMs?: number; neededByMs?: number };
}

export interface ReadDefaults {
  region: Region;
  /** How long after it was sent a request is still wanted, unless it says so itself. */
  requestMaxAgeMs: number;
  nowMs: number;
}

export type ReadMessage =
  | {
      kind: 'request';
      request: RoomRequest;
      sentAtMs: number;
      neededByMs: number;
      region: Region;
      envelope: EnvelopeKind;
      viaSns: boolean;
    }
  /** Refused, and its key can be read. The other members are there where they are valid themselves. */
  | {
      kind: 'invalid';
      idempotencyKey: string;
      tenant?: string;
      region?: Region;
      correlationId?: string;
      roster?: string;
      problems: Problem[];
      sentAtMs: number;
    }
  | { kind: 'unparseable'; problems: Problem[]; sentAtMs: number };

const MAX_AHEAD_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * What a message asks for, or everything that is wrong with it. Never throws, whatever the body.
 * `sentAtMs` is the earliest of SQS's time and those of the envelopes, so that a copy sent on later counts as the old request.
 */
export function readMessage(message: IncomingMessage, defaults: ReadDefaults): ReadMessage {
  const unwrapped = unwrap(message.body);
  const sentAtMs =
    message.overrides?.sentAtMs ?? earliest([message.sentTimestampMs, ...unwrapped.timesMs], defaults.nowMs);
  const { request, problems } = checkRequest(unwrapped);
  const neededByMs =
    message.overrides?.neededByMs ??
    (request?.neededBy === undefined ? sentAtMs + defaults.requestMaxAgeMs : Date.parse(request.neededBy));
  if (neededByMs > sentAtMs + MAX_AHEAD_MS) {
    problems.push({
      path: 'neededBy',
      message:
        'is more than 7 days after the request was sent: schedule a live event, which asks for its rooms in time',
    });
  }
  if (request === undefined || problems.length > 0)
    return refuse(unwrapped.payload, problems, sentAtMs, defaults.region);
  const { envelope, viaSns } = unwrapped;
  return {
    kind: 'request',
    request,
    sentAtMs,
    neededByMs,
    region: request.region ?? defaults.region,
    envelope,
    viaSns,
  };
}

function checkRequest({ payload, payloadPath, problems }: Unwrapped): { request?: RoomRequest; problems: Problem[] } {
  if (payload === undefined && problems.length > 0) return { problems };
  if (!isRecord(payload)) {
    return { problems: [...problems, { path: payloadPath, message: 'must be an object: the room request' }] };
  }
  const result = roomRequestSchema.safeParse(payload);
  if (!result.success) return { problems: [...problems, ...problemsOf(result.error)] };
  return { request: result.data, problems: [...problems] };
}

function refuse(payload: unknown, problems: Problem[], sentAtMs: number, defaultRegion: Region): ReadMessage {
  const fields = isRecord(payload) ? payload : {};
  const { shape } = roomRequestSchema;
  const idempotencyKey = shape.idempotencyKey.safeParse(fields.idempotencyKey).data;
  if (idempotencyKey === undefined) return { kind: 'unparseable', problems, sentAtMs };
  const tenant = shape.tenant.safeParse(fields.tenant).data;
  const region = shape.region.safeParse(fields.region ?? defaultRegion).data;
  const correlationId = shape.correlationId.safeParse(fields.correlationId).data;
  const roster = shape.roster.safeParse(fields.roster).data;
  return {
    kind: 'invalid',
    idempotencyKey,
    ...(tenant !== undefined && { tenant }),
    ...(region !== undefined && { region }),
    ...(correlationId !== undefined && { correlationId }),
    ...(roster !== undefined && { roster }),
    problems,
    sentAtMs,
  };
}

function earliest(timesMs: number[], nowMs: number): number {
  const known = timesMs.filter(Number.isFinite);
  return known.length > 0 ? Math.min(...known) : nowMs;
}
