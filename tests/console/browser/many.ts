import type { EventsAnswer } from '../../../console/api/events.ts';
import type { PublishedAnswer, PublishedEvent } from '../../../console/api/published.ts';
import { provisionedCompletion } from '../../../lib/contract/completion.ts';

const IN_ONE_ANSWER = 1_000;

/** The console's answer after it has received this many completions. */
export function publishedAnswer(after: number, total: number, nowMs: number): PublishedAnswer {
  const count = Math.min(IN_ONE_ANSWER, Math.max(0, total - after));
  const events = Array.from({ length: count }, (_, index) =>
    published(after + index + 1, nowMs - (total - after - index) * 200),
  );
  return { events, sinceMs: nowMs - total * 200, forgotten: 0 };
}

function published(number: number, receivedAtMs: number): PublishedEvent {
  const key = `season-2026/match-${number}`;
  const arn = `arn:aws:ivschat:eu-west-1:123456789012:room/R${number.toString().padStart(11, '0')}`;
  const event = provisionedCompletion({
    ...{ stage: 'local', idempotencyKey: key, tenant: 'sports', region: 'eu-west-1', claimId: 'c', generation: 0 },
    ...{ payloadHash: key, decidedAtMs: receivedAtMs, outcome: 'created', late: false },
    room: {
      arn,
      id: `R${number}`,
      name: `match-${number}`,
      createTime: new Date(receivedAtMs).toISOString(),
      updateTime: new Date(receivedAtMs).toISOString(),
    },
  });
  return { number, receivedAtMs, event, attributes: { lane: 'bulk', tenant: 'sports', correlationId: `c-${number}` } };
}

/** The console's answer for a day with this many live events. */
export function eventsAnswer(fromMs: number, total: number): EventsAnswer {
  const dayMs = 86_400_000;
  const events = Array.from({ length: total }, (_, index): EventsAnswer['events'][number] => {
    const startsAtMs = fromMs + Math.floor((index * dayMs) / total);
    return {
      liveEventId: `event-${index + 1}`,
      tenant: 'sports',
      revision: 1,
      state: index % 3 === 0 ? 'ready' : 'waiting',
      startsAtMs,
      roomsReady: index % 3 === 0 ? 4 : 0,
      roomsFailed: 0,
      roomsTotal: 4,
      roomsToCreate: index % 3 === 0 ? {} : { 'eu-west-1': 4 },
      times: { opensAtMs: startsAtMs - 1_800_000, checkAtMs: startsAtMs - 600_000, endsAtMs: startsAtMs + 7_200_000 },
    };
  });
  return { fromMs, untilMs: fromMs + dayMs, atMs: fromMs, events };
}
