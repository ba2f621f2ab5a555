import type { Step } from '../../../client/describe/step.ts';
import type { PublishedEvent } from '../../api/published.ts';
import { Time } from '../parts/time.tsx';
import { factsOf } from './event-facts.ts';

/** What has happened to a request, including the times at which the console received its events. */
export function Timeline({ past, events }: { past: readonly Step[]; events: readonly PublishedEvent[] }) {
  const steps = events.reduce(withEvent, past);
  if (steps.length === 0) return null;
  return <Steps steps={steps} label="Timeline" />;
}

/** Steps with their times. A reason to wait has its meaning below it. */
export function Steps({ steps, label }: { steps: readonly Step[]; label: string }) {
  return (
    <ol class="timeline" aria-label={label}>
      {steps.map(({ atMs, text, meaning }, index) => (
        <li key={`${index} ${text}`}>
          <span class="when">{atMs !== undefined && <Time atMs={atMs} />}</span>
          <span>
            {text.trim()}
            {meaning && <span class="meaning">{meaning}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Inserts the arrival of an event before the first later step. */
function withEvent(
  steps: readonly Step[],
  published: PublishedEvent,
  index: number,
  all: readonly PublishedEvent[],
): Step[] {
  const { receivedAtMs: atMs, event } = published;
  const { outcome, reason } = factsOf(published) ?? { outcome: event.type };
  const isRepeat = all.slice(0, index).some((earlier) => earlier.event.id === event.id);
  const text = `the console received the event: ${outcome}${reason === undefined ? '' : `, ${reason}`}`;
  const step = { atMs, text: isRepeat ? `${text} (published again)` : text };
  const later = steps.findIndex((each) => each.atMs !== undefined && each.atMs > atMs);
  return steps.toSpliced(later === -1 ? steps.length : later, 0, step);
}
