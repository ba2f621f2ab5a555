import { useState } from 'preact/hooks';
import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { CancelAnswer } from '../../api/events.ts';
import { change } from '../call.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Time } from '../parts/time.tsx';

interface CancelEventProps {
  event: EventDetail;
  /** What will happen to the rooms. */
  effect: string;
  onSent(number: number): void;
  onClose(): void;
}

/** Asks before it cancels an event. */
export function CancelEvent({ event, effect, onSent, onClose }: CancelEventProps) {
  const { liveEventId, startsAtMs } = event;
  // If the event changes while the question is open, the cancellation is refused.
  const [revision] = useState(event.revision);
  const cancel = async () => {
    const { number } = await change<CancelAnswer>('events/cancel', { liveEventId, revision });
    onSent(number);
  };
  return (
    <Confirm
      title={`Cancel ${liveEventId}?`}
      confirm="Cancel the event"
      dismiss="Keep the event"
      onConfirm={cancel}
      onClose={onClose}
    >
      {startsAtMs !== undefined && (
        <p>
          It starts at <Time atMs={startsAtMs} /> (<Time atMs={startsAtMs} distance />
          ). A cancelled event stays cancelled. To bring it back, schedule it under another id.
        </p>
      )}
      <p>{effect}</p>
      {effect.includes('grace period') && (
        <p>
          To keep them, cancel the event and then run <code>npx greenroom release --event {liveEventId} --keep</code>.
        </p>
      )}
    </Confirm>
  );
}
