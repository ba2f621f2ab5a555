import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { ReleasedEventRoom } from '../../../client/operate/live-event-releases.ts';
import { VirtualList } from '../parts/virtual-list.tsx';
import { useWide } from '../use-media.ts';

const ROW_PX = 58;
/** In a narrow window, an ARN takes two lines. */
const NARROW_ROW_PX = 82;

type ShownState = ReleasedEventRoom['state'] | 'marked' | 'released';

const CLASSES: Record<ShownState, string> = {
  exists: 'good',
  marked: 'warn',
  released: '',
  failed: 'bad',
  requested: 'warn',
  'not requested': '',
};

/** The present state of a room: a room whose release is final is marked, and then released. */
export function shownState({ state, release }: ReleasedEventRoom): ShownState {
  const now = release?.state;
  return state === 'exists' && (now === 'marked' || now === 'released') ? now : state;
}

/** The rooms of an event, with their states and the reasons of failures. */
export function EventRooms({ event: { rooms, liveEventId } }: { event: EventDetail }) {
  const isWide = useWide(600);
  return (
    <>
      <h3>Rooms</h3>
      <VirtualList
        items={rooms}
        rowHeight={isWide ? ROW_PX : NARROW_ROW_PX}
        label={`Rooms of ${liveEventId}`}
        keyOf={({ key }) => key}
        row={(room) => <Room room={room} liveEventId={liveEventId} />}
        empty="greenroom knows no rooms of this event."
      />
    </>
  );
}

function Room({ room, liveEventId }: { room: ReleasedEventRoom; liveEventId: string }) {
  const { key, region, arn, reason, error, isDropped } = room;
  const state = shownState(room);
  const why = [reason, error].filter((text) => text !== undefined).join(': ');
  const href = `/requests?${new URLSearchParams({ key: `live/${liveEventId}/${key}` })}`;
  return (
    <>
      <div class="room-line">
        {state === 'not requested' ? key : <a href={href}>{key}</a>}{' '}
        <span class={`tag ${CLASSES[state]}`}>{state}</span>
        {isDropped && <span class="tag">dropped by a later revision</span>} <span class="faint">{region}</span>
      </div>
      <div class="room-why faint">{arn === undefined ? why : <code>{arn}</code>}</div>
    </>
  );
}
