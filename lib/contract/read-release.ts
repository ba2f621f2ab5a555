import type { Unwrapped } from './envelopes.ts';
import { keyTextProblems } from './key-edges.ts';
import type { MessageFacts } from './message-facts.ts';
import { type Problem, problemsOf } from './problems.ts';
import { RELEASE_COMMAND_TYPE, ROOM_RELEASE_REQUESTED, releaseCommandSchema } from './release-command.ts';
import { RELEASES_OFF, releaseTimeProblems, timeIn } from './release-problems.ts';
import { KEEP_MS, type Wish } from './release-wish.ts';

/** A valid release command. */
export type ReadRelease = MessageFacts & {
  kind: 'release';
  idempotencyKey: string;
  wish: Wish;
  /** Whether the command asks for an immediate release: it states no time, or a time that had passed when the command was made. */
  isNow: boolean;
  tenant?: string;
  correlationId?: string;
};

/** An invalid release command whose key can be read. Its other fields are present if they are valid. */
export type ReadInvalidRelease = MessageFacts & {
  kind: 'invalid-release';
  idempotencyKey: string;
  /** `too-old` if that is its only problem. */
  reason: 'invalid-request' | 'too-old';
  wish?: Wish;
  tenant?: string;
  correlationId?: string;
  problems: Problem[];
};

export interface ReleaseReading {
  facts: MessageFacts;
  /** The default of `wishedAt`: when the message was first sent. A redrive does not change it. */
  askedAtMs: number;
  /** Whether one of greenroom's own functions sent the command. */
  isFromRoster: boolean;
  releases: boolean;
  nowMs: number;
}

const MINUTE_MS = 60_000;
const MAX_AHEAD_MS = 5 * MINUTE_MS;
/**
 * The ledger keeps a key for at least 30 days after its request was answered. An older command could refer to an item that no longer
 * exists, and would apply to the next request with the key.
 */
const MAX_AGE_MS = 28 * 24 * 60 * MINUTE_MS;
const TOO_OLD: Problem = {
  path: 'wishedAt',
  message: 'is more than 28 days ago: send a new command if the release is still wanted',
};

/**
 * Whether a message is meant to be a release command, because it has the name of a release command. If the name is misspelt, the message
 * still counts as a command if the name contains "release" and the message has no room.
 * @param unwrapped the message, read as a room request
 */
export function isReleaseCommand({ envelope, givenName, payload }: Unwrapped): boolean {
  const name = envelope === 'bare' ? payload?.type : givenName;
  if (typeof name !== 'string') return false;
  const { detailTypes, cloudEventTypes } = ROOM_RELEASE_REQUESTED;
  const known = { bare: [RELEASE_COMMAND_TYPE], eventbridge: detailTypes, cloudevent: cloudEventTypes }[envelope];
  return known.includes(name) || (/release/i.test(name) && payload?.room === undefined);
}

/** Reads a release command. Returns its wish, or all of its problems. @param unwrapped read with `ROOM_RELEASE_REQUESTED` */
export function readRelease(
  { payload, envelope, problems: envelopeProblems, losses }: Unwrapped,
  reading: ReleaseReading,
): ReadRelease | ReadInvalidRelease | (MessageFacts & { kind: 'unparseable'; problems: Problem[] }) {
  const { facts, askedAtMs, isFromRoster, nowMs } = reading;
  if (payload === undefined) return { kind: 'unparseable', problems: envelopeProblems, ...facts };
  const { type, ...bare } = payload;
  const fields = envelope === 'bare' ? bare : payload;
  const { data, error } = releaseCommandSchema.safeParse(fields);
  const wishedAtMs = timeIn(fields.wishedAt) ?? askedAtMs;
  const problems = [
    ...envelopeProblems,
    ...(envelope === 'bare' && type !== RELEASE_COMMAND_TYPE ? [wrongType()] : []),
    ...(error ? problemsOf(error, releaseCommandSchema) : []),
    ...(isFromRoster ? [] : [...losses, ...keyTextProblems('idempotencyKey', fields.idempotencyKey)]),
    ...releaseTimeProblems('releaseAt', timeIn(fields.releaseAt)),
    ...(wishedAtMs > askedAtMs + MAX_AHEAD_MS ? [tooFarAhead(askedAtMs)] : []),
    ...(reading.releases || isFromRoster ? [] : [{ path: '', message: RELEASES_OFF }]),
  ];
  const isTooOld = wishedAtMs < nowMs - MAX_AGE_MS;
  if (data === undefined || problems.length > 0 || isTooOld)
    return refuse(fields, { problems, isTooOld, facts, askedAtMs });
  const { idempotencyKey, tenant, correlationId } = data;
  return {
    kind: 'release',
    idempotencyKey,
    ...wishOf(data.releaseAt, wishedAtMs),
    ...(tenant !== undefined && { tenant }),
    ...(correlationId !== undefined && { correlationId }),
    ...facts,
  };
}

/** A time that had passed when the wish was made means "now". "Now" is the time at which the wish was made, so that duplicates are equal. */
function wishOf(releaseAt: unknown, wishedAtMs: number): { wish: Wish; isNow: boolean } {
  if (releaseAt === null) return { wish: { releaseAtMs: KEEP_MS, wishedAtMs }, isNow: false };
  const statedMs = timeIn(releaseAt) ?? wishedAtMs;
  return { wish: { releaseAtMs: Math.max(statedMs, wishedAtMs), wishedAtMs }, isNow: statedMs <= wishedAtMs };
}

function refuse(
  fields: Record<string, unknown>,
  refused: { problems: Problem[]; isTooOld: boolean; facts: MessageFacts; askedAtMs: number },
): ReadInvalidRelease | (MessageFacts & { kind: 'unparseable'; problems: Problem[] }) {
  const { facts, isTooOld, askedAtMs } = refused;
  const problems = isTooOld ? [...refused.problems, TOO_OLD] : refused.problems;
  const { shape } = releaseCommandSchema;
  const idempotencyKey = shape.idempotencyKey.safeParse(fields.idempotencyKey).data;
  if (idempotencyKey === undefined) return { kind: 'unparseable', problems, ...facts };
  const tenant = shape.tenant.safeParse(fields.tenant).data;
  const correlationId = shape.correlationId.safeParse(fields.correlationId).data;
  const wish = readableWish(fields, askedAtMs);
  return {
    kind: 'invalid-release',
    idempotencyKey,
    reason: refused.problems.length === 0 ? 'too-old' : 'invalid-request',
    ...(wish && { wish }),
    ...(tenant !== undefined && { tenant }),
    ...(correlationId !== undefined && { correlationId }),
    problems,
    ...facts,
  };
}

/** The wish of a refused command; undefined if one of its times is invalid. */
function readableWish({ releaseAt, wishedAt }: Record<string, unknown>, askedAtMs: number): Wish | undefined {
  const isReadable = (value: unknown) => value === undefined || timeIn(value) !== undefined;
  if (!isReadable(wishedAt) || !(releaseAt === null || isReadable(releaseAt))) return undefined;
  return wishOf(releaseAt, timeIn(wishedAt) ?? askedAtMs).wish;
}

function wrongType(): Problem {
  return { path: 'type', message: `must be ${JSON.stringify(RELEASE_COMMAND_TYPE)}` };
}

function tooFarAhead(askedAtMs: number): Problem {
  const sentAt = new Date(askedAtMs).toISOString();
  return { path: 'wishedAt', message: `must be at most 5 minutes after the command was sent, which was at ${sentAt}` };
}
