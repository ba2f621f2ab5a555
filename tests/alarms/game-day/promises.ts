import { GetScheduleCommand, ResourceNotFoundException } from '@aws-sdk/client-scheduler';
import { type Completion, completionSchema } from '../../../lib/contract/completion.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { KEY_TAG } from '../../../lib/ledger/room-tags.ts';
import { readLiveEventItem } from '../../../lib/live-events/read-live-event-item.ts';
import { scheduleName } from '../../../lib/live-events/schedules.ts';
import type { Deployed } from '../compiled-template.ts';
import { queuesOf } from '../read-resources.ts';
import type { Day } from './day.ts';
import { EVENT_ROOMS, type SentEvent } from './traffic.ts';

/** The state of a live event at the end. `reminders`: the occasions for which there is a schedule. */
interface KnownEvent extends SentEvent {
  isOpened: boolean;
  isChecked: boolean;
  reminders: string[];
}

/** All data that shows whether the promises were kept. */
export interface Evidence {
  keys: readonly string[];
  completions: readonly Completion[];
  /** The completions of rosters by id, with the id of the roster. */
  rosters: ReadonlyMap<string, string>;
  rosterCount: number;
  rooms: readonly { arn: string; key: string | undefined }[];
  /** The number of messages by queue. */
  left: ReadonlyMap<string, number>;
  events: readonly KnownEvent[];
  nowMs: number;
}

const OCCASIONS = ['open', 'check'] as const;

export async function collectEvidence({ world, traffic }: Day, deployed: Deployed): Promise<Evidence> {
  const { messaging, ivsChat } = world.services;
  const published: { id: string; type: string; subject: string }[] = messaging.published.map(({ body }) =>
    JSON.parse(body),
  );
  const begun = traffic.sent.events.filter(({ startsAtMs }) => startsAtMs <= world.time.nowMs());
  const queues = await queuesOf(deployed);
  return {
    keys: [...traffic.sent.keys, ...begun.flatMap(({ id }) => EVENT_ROOMS.map((key) => `live/${id}/${key}`))],
    completions: published
      .filter(({ type }) => /room\.(provisioned|failed)/.test(type))
      .map((each) => completionSchema.parse(each)),
    rosters: new Map(
      published.flatMap(({ id, type, subject }) => (/roster\.completed/.test(type) ? [[id, subject]] : [])),
    ),
    rosterCount: traffic.sent.jobs + begun.length,
    rooms: ivsChat.rooms().map(({ arn, tags }) => ({ arn, key: tags[KEY_TAG] })),
    left: new Map(queues.map(({ QueueName: name }) => [name, messaging.queue(name).messages().length])),
    events: await Promise.all(traffic.sent.events.map((event) => knownEvent(event, world))),
    nowMs: world.time.nowMs(),
  };
}

async function knownEvent(event: SentEvent, { services }: Day['world']): Promise<KnownEvent> {
  const { dynamodb, scheduler } = services.clients;
  const item = await readLiveEventItem(event.id, { rosters: { dynamodb, tableName: 'greenroom-prod-rosters' } });
  const reminders: string[] = [];
  for (const occasion of OCCASIONS) {
    const command = { GroupName: 'greenroom-prod-live-events', Name: scheduleName('prod', event.id, occasion) };
    const found = await scheduler.send(new GetScheduleCommand(command)).catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    if (found) reminders.push(occasion);
  }
  return {
    ...event,
    isOpened: item?.live_state === 'opened',
    isChecked: item?.checked_revision === item?.revision,
    reminders,
  };
}

/**
 * The promises that were broken.
 * @param failures the reasons with which requests may have failed before they got their room, by key. The request without a key has the
 *   key `undefined`
 */
export function brokenPromises(evidence: Evidence, failures: ReadonlyMap<string | undefined, string>): string[] {
  return [
    ...brokenAboutRequests(evidence, failures),
    ...brokenAboutRosters(evidence),
    ...[...evidence.left].flatMap(([queue, count]) => (count > 0 ? [`${queue} still has ${count} messages`] : [])),
    ...evidence.events.flatMap((event) => brokenAboutEvent(event, evidence.nowMs)),
  ];
}

function brokenAboutRequests(
  { keys, completions, rooms }: Evidence,
  failures: ReadonlyMap<string | undefined, string>,
): string[] {
  const byKey = Map.groupBy(completions, ({ data }) => data.idempotencyKey);
  const wanted = [...keys, ...[...failures.keys()].filter((key) => key === undefined)];
  const unknown = [...byKey.keys()].filter((key) => key !== undefined && !keys.includes(key));
  const arns = new Map(Map.groupBy(rooms, ({ key }) => key));
  return [
    ...unknown.map((key) => `${key} was completed, and never sent`),
    ...wanted.flatMap((key) => brokenAboutKey(key, byKey.get(key) ?? [], failures.get(key))),
    ...keys.flatMap((key) => {
      const own = (arns.get(ledgerKey(key)) ?? []).map(({ arn }) => arn);
      if (own.length !== 1) return [`${key} has ${own.length} rooms`];
      return byKey.get(key)?.some(({ data }) => data.outcome !== 'failed' && data.room.arn === own[0])
        ? []
        : [`${key} was not completed with its room`];
    }),
    ...(rooms.length > keys.length ? [`there are ${rooms.length} rooms for ${keys.length} keys`] : []),
  ];
}

/** Every request has one completion with a room. Only a request that may fail has another one, with its reason, before it. */
function brokenAboutKey(
  key: string | undefined,
  completions: readonly Completion[],
  failure: string | undefined,
): string[] {
  const ids = [...Map.groupBy(completions, ({ id }) => id).values()].flatMap(([first]) => first ?? []);
  const outcomes = ids.map(({ data }) => (data.outcome === 'failed' ? data.reason : 'room'));
  const expected = [...(failure === undefined ? [] : [failure]), ...(key === undefined ? [] : ['room'])];
  if (outcomes.join() === expected.join()) return [];
  return [`${key ?? 'the message without a key'} has the completions ${outcomes.join() || 'none'}`];
}

function brokenAboutRosters({ rosters, rosterCount }: Evidence): string[] {
  const subjects = new Set(rosters.values());
  if (subjects.size !== rosterCount) return [`${subjects.size} of ${rosterCount} rosters are complete`];
  return rosters.size === subjects.size ? [] : ['a roster was completed twice'];
}

function brokenAboutEvent({ id, startsAtMs, isOpened, isChecked, reminders }: KnownEvent, nowMs: number): string[] {
  if (startsAtMs > nowMs)
    return reminders.join() === OCCASIONS.join() ? [] : [`${id} has the reminders ${reminders.join() || 'none'}`];
  return isOpened && isChecked ? [] : [`${id} was not opened and checked`];
}
