import type { CrashPoint } from '../../bench/live-events/interruptions.ts';
import { type LiveEventsWorld, type Outage, openLiveEventsWorld } from '../../bench/live-events/world.ts';
import type { WorldSettings } from '../../bench/live-events/world-settings.ts';
import { completionAttributes } from '../../lib/contract/completion-attributes.ts';
import { RELEASE_COMMAND_TYPE, type ReleaseCommand } from '../../lib/contract/release-command.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import type { RosterEvent } from '../../lib/contract/roster-event.ts';
import { madeRoom, noRoom } from '../support/completions.ts';

/** The time from which stories count their minutes. */
export const NOON_MS = Date.parse('2026-12-18T12:00:00Z');
export const MINUTE_MS = 60_000;

export const timeText = (minute: number): string => new Date(NOON_MS + minute * MINUTE_MS).toISOString();

/** An event that starts two hours after noon, unless `at` or something else says otherwise. */
export function scheduled(revision: number, { at = 120, ...changes }: { at?: number } & Record<string, unknown> = {}) {
  return {
    type: 'Live Event Scheduled',
    liveEventId: 'final',
    revision,
    startsAt: timeText(at),
    rooms: [
      { key: 'a', room: {} },
      { key: 'b', room: {} },
    ],
    ...changes,
  };
}

export const cancelled = (revision: number) => ({ type: 'Live Event Cancelled', liveEventId: 'final', revision });

/** One step, which happens at a minute of a story. */
export type Step = { minute: number } & (
  | { send: object | string }
  /** From `down` on nothing works, and from `up` on everything works again. */
  | { down: boolean }
  /** These calls fail from now on. */
  | { fails: Outage }
  /** Which rooms are created from now on. By default, all rooms are created as soon as they are requested. */
  | { rooms: 'made' | 'stuck' | 'refused' }
  /** The next worker that reaches this call crashes there. */
  | { crash: CrashPoint }
);

/** The outcome of a story: a line with its minute for every requested room and every published event, in order. */
export interface Told {
  lines: string[];
  schedules: string[];
  /** The number of messages that are still in a queue. */
  waiting: number;
  errors: unknown[];
  /** Whether the planned crash has happened. */
  crashed: boolean;
  /** The results of the runs that restore missing reminders. */
  rearmings: LiveEventsWorld['rearmings'];
}

interface Line {
  atMs: number;
  order: number;
  text: string;
}

/** Plays a story from noon until long after its last step, through the real handlers. */
export async function tell(
  steps: Step[],
  { untilMinute = 24 * 60, visibilityTimeoutMs = 360_000, ...settings }: { untilMinute?: number } & WorldSettings = {},
): Promise<Told> {
  const world = await openLiveEventsWorld(NOON_MS, { visibilityTimeoutMs, ...settings });
  const lines: Line[] = [];
  try {
    const workshop = openWorkshop(world, lines);
    for (const step of steps) {
      await world.runUntil(NOON_MS + step.minute * MINUTE_MS);
      if ('send' in step)
        world.queue('live-events').send(typeof step.send === 'string' ? step.send : JSON.stringify(step.send));
      else if ('down' in step) world.setDown(step.down);
      else if ('fails' in step) world.setOutage(step.fails);
      else if ('crash' in step) world.interruptions.setCrash(step.crash);
      else workshop.setMode(step.rooms);
    }
    await world.runUntil(NOON_MS + untilMinute * MINUTE_MS);
    lines.push(...world.published.map(({ event, ...when }) => ({ ...when, text: describe(event) })));
    const told = lines.toSorted((a, b) => a.order - b.order).map(({ atMs, text }) => `${minuteOf(atMs)} ${text}`);
    const waiting = ['live-events', 'rosters'].reduce((sum, name) => sum + world.queue(name).messages().length, 0);
    const schedules = await world.scheduleNames();
    const { errors, rearmings } = world;
    return { lines: told, schedules, waiting, errors, crashed: !world.interruptions.hasCrashAhead(), rearmings };
  } finally {
    await world.close();
  }
}

/** The minutes after noon, and the seconds if there are any, rounded up. */
export function minuteOf(atMs: number): string {
  const seconds = Math.ceil((atMs - NOON_MS) / 1000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** A substitute for provision-rooms. It answers every room request immediately. The same key always gets the same room. */
export function openWorkshop(world: LiveEventsWorld, lines: Line[]) {
  let mode: 'made' | 'stuck' | 'refused' = 'made';
  world.setWork(async () => {
    const messages = mode === 'stuck' ? [] : world.queue('interactive').receive(10);
    for (const { id, body } of messages) {
      const atMs = world.clock.nowMs();
      const payload = JSON.parse(body);
      if (payload.type === RELEASE_COMMAND_TYPE) {
        lines.push({ atMs, order: world.nextOrder(), text: describeRelease(payload) });
        world.queue('interactive').remove(new Set([id]));
        continue;
      }
      const { idempotencyKey, roster = '', releaseAt } = roomRequestSchema.parse(payload);
      lines.push({
        atMs,
        order: world.nextOrder(),
        text: `room ${roomKeyOf(idempotencyKey)} of r${roster.split('/').at(-1)}${releaseAt ? ` until ${minuteOf(Date.parse(releaseAt))}` : ''}`,
      });
      const completion = mode === 'made' ? madeRoom(idempotencyKey) : noRoom(idempotencyKey);
      const attributes = completionAttributes(completion, { lane: 'interactive', roster });
      world.queue('rosters').send(JSON.stringify(completion), { attributes });
      world.queue('interactive').remove(new Set([id]));
    }
    return messages.length > 0;
  });
  return {
    setMode(next: typeof mode): void {
      mode = next;
    },
  };
}

function roomKeyOf(idempotencyKey: string): string {
  return idempotencyKey.split('/').slice(2).join('/');
}

/** A release command: for which room, for what time, and when the decision was made. */
function describeRelease({ idempotencyKey, releaseAt, wishedAt }: ReleaseCommand): string {
  const when = releaseAt === undefined ? 'now' : releaseAt === null ? 'never' : `at ${minuteOf(Date.parse(releaseAt))}`;
  return `release ${roomKeyOf(idempotencyKey)} ${when}, decided ${minuteOf(Date.parse(wishedAt ?? ''))}`;
}

export function describe({ type, data }: RosterEvent): string {
  const kind = type.split('.').at(2) ?? '';
  if (data.kind !== 'live-event') return kind;
  const revision = data.liveEvent.revision === undefined ? '' : ` r${data.liveEvent.revision}`;
  if ('cause' in data)
    return `${kind}${revision} ${data.cause}: ${data.missing.map(({ key, outcome }) => `${key} ${outcome}`).join(', ')}`;
  if ('problems' in data) return `${kind}${revision} ${data.problems.map(({ path }) => path).join(', ')}`;
  if ('rooms' in data) return `${kind}${revision} ${data.rooms.map(({ key }) => key).join(', ')}`.trimEnd();
  const { provisioned, failed } = data.members;
  return `${kind}${revision} ${provisioned} made, ${failed} failed`;
}
