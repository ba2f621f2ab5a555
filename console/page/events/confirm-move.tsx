import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { MoveAnswer } from '../../api/events.ts';
import { counted } from '../format.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Time } from '../parts/time.tsx';
import { shownState } from './event-rooms.tsx';

/** A move that greenroom would accept. */
export type CheckedMove = Extract<MoveAnswer, { kind: 'checked' }>;

interface ConfirmMoveProps {
  event: EventDetail;
  move: CheckedMove;
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** Asks before a move. Shows what the move changes and what happens to the rooms. */
export function ConfirmMove({ event, move, onConfirm, onClose }: ConfirmMoveProps) {
  const { liveEventId } = event;
  const { revision, times, keepsCheck } = move;
  return (
    <Confirm
      title={`Move ${liveEventId}?`}
      confirm="Move the event"
      dismiss="Close"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <TimesTable event={event} times={times} />
      {effectsOf(event, move).map((text) => (
        <p key={text}>{text}</p>
      ))}
      {!keepsCheck && (
        <p>
          The event does not store how long before its start the check takes place, so the default of the stage applies.
        </p>
      )}
      <p>
        This is revision {revision}. The system that sent the event must use a higher revision for its next change.
        Otherwise, greenroom refuses that change.
      </p>
    </Confirm>
  );
}

/** The times before and after the move. */
function TimesTable({ event, times }: { event: EventDetail; times: CheckedMove['times'] }) {
  const rows: [string, number | undefined, number | undefined][] = [
    ['Opens', event.opensAtMs, times.opensAtMs],
    ['Check', event.checkAtMs, times.checkAtMs],
    ['Starts', event.startsAtMs, times.startsAtMs],
    ['Ends', event.endsAtMs, times.endsAtMs],
    ['Release of the rooms', event.releaseAtMs, times.releaseAtMs],
  ];
  return (
    <table>
      <thead>
        <tr>
          <td />
          <th scope="col">Now</th>
          <th scope="col">After the move</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, before, after]) =>
          after === undefined ? null : (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{before === undefined ? '–' : <Time atMs={before} />}</td>
              <td>
                <Time atMs={after} />
              </td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

/** What happens to the rooms. */
function effectsOf({ rooms, counts }: EventDetail, { times }: CheckedMove): string[] {
  const planned = rooms.filter(({ isDropped }) => !isDropped);
  const gone = planned.filter((room) => ['marked', 'released'].includes(shownState(room))).length;
  const missing = counts.notRequested + counts.failed;
  const isOpen = times.opensAtMs <= Date.now();
  return [
    ...(counts.exist - gone > 0
      ? [`${counted(counts.exist - gone, 'existing room')} will be kept, with the same ARN.`]
      : []),
    ...(counts.requested > 0 ? [`${counted(counts.requested, 'requested room')} will still be created.`] : []),
    ...(missing > 0 ? [`${counted(missing, 'room')} will be requested ${isOpen ? 'at once' : 'at the opening'}.`] : []),
    ...(times.releaseAtMs === undefined ? [] : ['The rooms get the new release time.']),
    ...(gone > 0
      ? [
          `${counted(gone, 'room')} cannot come back: the release is final. For new rooms, send a revision with other keys.`,
        ]
      : []),
  ];
}
