import { messageText } from '../../../client/describe/live-event-words.ts';
import type { ShownEvent } from '../../api/events.ts';
import { momentText } from './day.ts';

const STATE_CLASSES: Record<ShownEvent['state'], string> = {
  waiting: '',
  opening: 'warn',
  ready: 'good',
  incomplete: 'bad',
  cancelled: '',
};

/** The state of an event, as a word. */
export function StateTag({ state }: Pick<ShownEvent, 'state'>) {
  return <span class={`tag ${STATE_CLASSES[state]}`}>{state}</span>;
}

/** The state of an event, and everything about it that needs attention. */
export function EventTags({ event, day }: { event: ShownEvent; day: string }) {
  const { state, atRisk, roomsFailed, roomsNeverRequested = 0, notApplied, readyAtMs, startsAtMs } = event;
  return (
    <>
      <StateTag state={state} />
      {atRisk && <span class="tag bad">at risk</span>}
      {roomsFailed > 0 && <span class="tag bad">{roomsFailed} failed</span>}
      {roomsNeverRequested > 0 && <span class="tag">{roomsNeverRequested} never requested</span>}
      {readyAtMs !== undefined && readyAtMs > startsAtMs && (
        <span class="tag bad">late: ready {momentText(readyAtMs, day)}</span>
      )}
      {notApplied && <span class="tag warn">{messageText(notApplied)} not applied</span>}
    </>
  );
}

/** Whether an event needs the attention of a person. */
export function needsAttention({ state, atRisk, roomsFailed, notApplied, readyAtMs, startsAtMs }: ShownEvent): boolean {
  const isLate = readyAtMs !== undefined && readyAtMs > startsAtMs;
  return atRisk !== undefined || roomsFailed > 0 || notApplied !== undefined || state === 'incomplete' || isLate;
}
