import type { Hono } from 'hono';
import * as z from 'zod';
import type { Deployment } from '../../../client/deployment.ts';
import { cancelledRoomsText } from '../../../client/describe/live-event-words.ts';
import { readEventDetail } from '../../../client/operate/live-event-detail.ts';
import { listLiveEvents } from '../../../client/operate/live-event-list.ts';
import { withReleases } from '../../../client/operate/live-event-releases.ts';
import type { Waiting } from '../../../lib/platform/backoff.ts';
import type { CancelAnswer, EventAnswer, EventsAnswer, MoveAnswer, SentAnswer } from '../../api/events.ts';
import { cancelSeenEvent, moveEvent } from '../change-live-event.ts';
import type { ConsoleContext } from '../console-context.ts';
import { outlookOf } from '../programme-outlook.ts';
import { createSentEventChanges } from '../sent-event-changes.ts';

const HOUR_MS = 3_600_000;
/** The longest range that can be listed. It is longer than any day, which may have 25 hours. */
const MAX_RANGE_MS = 8 * 24 * HOUR_MS;
/** Events that start this long before the range may use the quota first. */
const BEFORE_MS = 24 * HOUR_MS;

const time = z.coerce.number().int().min(0);
const rangeQuery = z
  .object({ from: time, until: time })
  .refine(({ from, until }) => until > from && until - from <= MAX_RANGE_MS, 'until must be 1 ms to 8 days after from');
const eventQuery = z.object({ event: z.string().min(1) });
const sentQuery = z.object({ number: z.coerce.number().int() });
const seenBody = z.object({ liveEventId: z.string(), revision: z.number().int() });
const moveBody = seenBody.extend({
  startsAtMs: z.number().int(),
  endsAtMs: z.number().int().optional(),
  send: z.boolean(),
});

/** Live events: the programme of a day, one event, and changes to it. */
export function addEventsRoutes(api: Hono, { stage, clock, signal }: ConsoleContext): void {
  const waiting: Waiting = { clock, random: Math.random, signal };
  const sentChanges = createSentEventChanges(stage, clock);

  api.get('/events', async (request) => {
    const { from, until } = rangeQuery.parse(request.req.query());
    const nowMs = clock.nowMs();
    const answer = await stage.use((deployment) => readProgramme({ from, until, nowMs }, deployment, waiting));
    return request.json(answer satisfies EventsAnswer);
  });
  api.get('/event', async (request) => {
    const { event } = eventQuery.parse(request.req.query());
    const detail = await stage.use((deployment) => readEvent(event, deployment, waiting));
    return request.json({ atMs: clock.nowMs(), liveEventId: event, ...detail } satisfies EventAnswer);
  });
  api.get('/events/sent', async (request) => {
    const { number } = sentQuery.parse(request.req.query());
    return request.json((await sentChanges.outcome(number)) satisfies SentAnswer);
  });
  api.post('/events/move', async (request) => {
    const move = moveBody.parse(await request.req.json());
    const moved = await stage.use((deployment) => moveEvent(move, { deployment, clock, sentChanges }));
    return request.json(moved satisfies MoveAnswer);
  });
  api.post('/events/cancel', async (request) => {
    const seen = seenBody.parse(await request.req.json());
    const cancelled = await stage.use((deployment) => cancelSeenEvent(seen, { deployment, clock, sentChanges }));
    return request.json(cancelled satisfies CancelAnswer);
  });
}

async function readProgramme(
  { from, until, nowMs }: { from: number; until: number; nowMs: number },
  deployment: Deployment,
  waiting: Waiting,
): Promise<EventsAnswer> {
  const isFuture = until > nowMs;
  // The forecast also needs the events that start before the range.
  const fromMs = isFuture ? Math.max(from - BEFORE_MS, Math.min(from, nowMs - HOUR_MS)) : from;
  const listed = await listLiveEvents(deployment, { fromMs, untilMs: until }, waiting);
  const isShown = ({ startsAtMs }: { startsAtMs: number }) => startsAtMs >= from;
  const { readyAtMs, outlook } = isFuture ? outlookOf(listed, isShown, nowMs) : { readyAtMs: new Map() };
  const events = listed.filter(isShown).map((event) => {
    const atMs = readyAtMs.get(event.liveEventId);
    return atMs === undefined ? event : { ...event, readyAtMs: atMs };
  });
  return { fromMs: from, untilMs: until, atMs: nowMs, events, ...(outlook && { forecast: outlook }) };
}

async function readEvent(liveEventId: string, deployment: Deployment, waiting: Waiting) {
  const { dynamodb, rosterTable: tableName } = deployment;
  const table = { dynamodb, tableName };
  const { event: found, item, ...others } = await readEventDetail(liveEventId, table);
  if (found === undefined) return others;
  const event = { ...found, rooms: await withReleases(liveEventId, found.rooms, deployment, waiting) };
  if (item === undefined || item.live_state === 'cancelled') return { ...others, event };
  const facts = { hasRequested: item.opened_revisions.size > 0, hasRelease: item.has_release };
  return { ...others, event, cancellation: cancelledRoomsText(facts) };
}
