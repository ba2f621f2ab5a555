import * as z from 'zod/mini';
import { about } from './about.ts';
import { cloudEventOf, listed } from './event-parts.ts';
import { canonicalJson, sha256 } from './keys.ts';
import type { Problem } from './problems.ts';
import { REGIONS, type Region } from './regions.ts';
import { releaseAtText, type Wish } from './release-wish.ts';

const cloudEvent = () => ({
  specversion: z.literal('1.0'),
  id: about(
    z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    'Identical in all deliveries of one event. Use it to drop duplicates.',
  ),
  source: z.string().check(z.regex(/^\/greenroom\/.+$/)),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataschema: z.exactOptional(z.string()),
  subject: about(z.string(), 'The idempotency key.'),
});

const tenant = () => about(z.exactOptional(z.string()), 'Absent if neither the command nor the ledger names a tenant.');
const region = () => about(z.exactOptional(z.enum(REGIONS)), 'Absent if the ledger names no region for the key.');
const wishedAt = () => about(z.iso.datetime(), 'When the release was requested.');
const releaseAt = () => about(z.nullable(z.iso.datetime()), 'The requested time of the release. Null: keep the room.');

/** The states of a key in which a command's wish is stored, or superseded. */
export const RELEASE_STATES = ['unknown', 'being-made', 'made', 'failed', 'released'] as const;

export type ReleaseState = (typeof RELEASE_STATES)[number];

export const RELEASE_FAILURE_REASONS = [
  'invalid-request',
  'too-late',
  'outdated',
  'too-old',
  'other-tenant',
  'not-ours',
] as const;

export type ReleaseFailureReason = (typeof RELEASE_FAILURE_REASONS)[number];

export const releasedEventSchema = z.lazy(() =>
  z.object({
    ...cloudEvent(),
    time: about(z.iso.datetime(), 'When the release became final.'),
    type: z.literal('greenroom.room.released.v1'),
    data: z.object({
      idempotencyKey: z.string(),
      tenant: z.string(),
      region: z.enum(REGIONS),
      generation: about(z.int().check(z.minimum(0)), 'How many times the key was claimed again after a failure.'),
      outcome: z.literal('released'),
      room: about(z.object({ arn: z.string(), id: z.string(), name: z.string() }), 'The room, which is deleted.'),
      releaseAt: about(z.iso.datetime(), 'The requested time of the release.'),
      wishedAt: wishedAt(),
    }),
  }),
);

export const releaseScheduledEventSchema = z.lazy(() =>
  z.object({
    ...cloudEvent(),
    type: z.literal('greenroom.room.release-scheduled.v1'),
    data: z.object({
      idempotencyKey: z.string(),
      tenant: tenant(),
      region: region(),
      outcome: z.literal('release-scheduled'),
      wishedAt: wishedAt(),
      releaseAt: releaseAt(),
      superseded: about(z.boolean(), 'Whether a later decision, in another command or in a request, applies instead.'),
      standing: about(
        z.object({
          wishedAt: wishedAt(),
          releaseAt: releaseAt(),
          notBefore: about(
            z.nullable(z.iso.datetime()),
            'The room is not released before this time. Null: the room is kept.',
          ),
        }),
        'What applies now.',
      ),
      state: about(
        z.enum(RELEASE_STATES),
        '"unknown": no request with this key has been handled yet; "being-made": its room is being created; "made": its room exists; "failed": its request failed; "released": its room is released.',
      ),
    }),
  }),
);

export const releaseFailedEventSchema = z.lazy(() =>
  z.object({
    ...cloudEvent(),
    type: z.literal('greenroom.room.release-failed.v1'),
    data: z.object({
      idempotencyKey: z.string(),
      tenant: tenant(),
      region: region(),
      outcome: z.literal('release-failed'),
      wishedAt: z.exactOptional(wishedAt()),
      releaseAt: z.exactOptional(releaseAt()),
      reason: about(
        z.enum(RELEASE_FAILURE_REASONS),
        '"invalid-request": see problems; "too-late": the release of the room was already final; "outdated": the decision behind the command was made before the request of its generation failed, and another request has the key now; "too-old": the decision behind the command was made more than 28 days ago; "other-tenant": the room belongs to another tenant; "not-ours": somebody has changed the tag of the room.',
      ),
      problems: z.exactOptional(z.array(z.object({ path: z.string(), message: z.string() })).check(z.maxLength(100))),
      problemsTotal: about(
        z.exactOptional(z.int().check(z.minimum(1))),
        'The total number of problems. At most 100 are listed.',
      ),
    }),
  }),
);

/** The events about the releases of rooms, as CloudEvents 1.0 events. They have no roster attribute, so no roster counts them. */
export const releaseEventSchema = z.discriminatedUnion('type', [
  releasedEventSchema,
  releaseScheduledEventSchema,
  releaseFailedEventSchema,
]);

export type ReleasedEvent = z.infer<typeof releasedEventSchema>;
export type ReleaseScheduledEvent = z.infer<typeof releaseScheduledEventSchema>;
export type ReleaseFailedEvent = z.infer<typeof releaseFailedEventSchema>;
export type ReleaseEvent = z.infer<typeof releaseEventSchema>;

/** The facts about the key that an event names. They come from the command or from the ledger. */
interface Named {
  stage: string;
  idempotencyKey: string;
  tenant?: string | undefined;
  region?: Region | undefined;
}

/**
 * The announcement that a room is deleted. It is composed when the room is marked, and all copies are identical.
 * @param released.wish the wish that caused the release; never "keep"
 * @param released.markedAtMs when the release became final, in epoch milliseconds
 */
export function releasedEvent(released: {
  stage: string;
  idempotencyKey: string;
  tenant: string;
  region: Region;
  generation: number;
  room: { arn: string; id: string; name: string };
  wish: Wish;
  markedAtMs: number;
}): ReleasedEvent {
  const { stage, idempotencyKey: key, tenant: owner, generation, room, wish, markedAtMs } = released;
  const id = sha256(canonicalJson([key, room.arn, 'released']));
  return {
    ...eventOf({ stage, idempotencyKey: key }, id, markedAtMs),
    type: 'greenroom.room.released.v1',
    data: {
      idempotencyKey: key,
      tenant: owner,
      region: released.region,
      generation,
      outcome: 'released',
      room: { arn: room.arn, id: room.id, name: room.name },
      releaseAt: isoTime(wish.releaseAtMs),
      wishedAt: isoTime(wish.wishedAtMs),
    },
  };
}

/**
 * The answer to a command whose wish is stored, or is superseded by a later one.
 * @param scheduled.standing the wish that applies now, and the time before which the room is not released
 */
export function releaseScheduledEvent(
  scheduled: Named & {
    wish: Wish;
    superseded: boolean;
    standing: { wish: Wish; notBeforeMs: number };
    state: ReleaseState;
    nowMs: number;
  },
): ReleaseScheduledEvent {
  const { wish, superseded, standing, state, nowMs } = scheduled;
  const keeps = releaseAtText(standing.wish.releaseAtMs) === null;
  const data: ReleaseScheduledEvent['data'] = {
    ...namesOf(scheduled),
    outcome: 'release-scheduled',
    ...wishTexts(wish),
    superseded,
    standing: { ...wishTexts(standing.wish), notBefore: keeps ? null : isoTime(standing.notBeforeMs) },
    state,
  };
  return {
    ...eventOf(scheduled, sha256(canonicalJson(data)), nowMs),
    type: 'greenroom.room.release-scheduled.v1',
    data,
  };
}

/**
 * The answer to a command that greenroom cannot carry out; for `not-ours`, the announcement that a room will not be released.
 * @param failed.wish undefined if it cannot be read
 */
export function releaseFailedEvent(
  failed: Named & { wish?: Wish | undefined; reason: ReleaseFailureReason; nowMs: number; problems?: Problem[] },
): ReleaseFailedEvent {
  const { wish, reason, nowMs, problems } = failed;
  const data: ReleaseFailedEvent['data'] = {
    ...namesOf(failed),
    outcome: 'release-failed',
    ...(wish && wishTexts(wish)),
    reason,
    ...listed(problems),
  };
  return { ...eventOf(failed, sha256(canonicalJson(data)), nowMs), type: 'greenroom.room.release-failed.v1', data };
}

function eventOf(
  { stage, idempotencyKey: subject }: Pick<Named, 'stage' | 'idempotencyKey'>,
  id: string,
  timeMs: number,
) {
  return { ...cloudEventOf({ stage, timeMs }, id), subject };
}

function namesOf({ idempotencyKey: key, tenant: owner, region: place }: Named) {
  return { idempotencyKey: key, ...(owner !== undefined && { tenant: owner }), ...(place && { region: place }) };
}

function wishTexts({ wishedAtMs, releaseAtMs }: Wish) {
  return { wishedAt: isoTime(wishedAtMs), releaseAt: releaseAtText(releaseAtMs) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
