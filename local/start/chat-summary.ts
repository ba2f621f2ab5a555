import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';

/** The figures of a run. The emulator of IVS Chat counts them, independently of greenroom. */
export interface ChatSummary {
  roomsByRegion: Map<string, number>;
  createRoomCalls: number;
  throttledCalls: number;
  listRoomsCalls: number;
  /** Calls that took effect without a usable response, because of an injected fault. */
  unusableResponses: number;
  /** Rooms beyond the first with the same key tag. */
  secondRooms: number;
}

export function summariseChat(admin: IvsChatAdmin): ChatSummary {
  const rooms = admin.rooms();
  const { counts } = admin.calls();
  const callsOf = (operation: string) =>
    sum(counts.filter((each) => each.operation === operation).map(({ count }) => count));
  const keys = rooms.flatMap(({ tags }) => tags[KEY_TAG] ?? []);
  return {
    roomsByRegion: countBy(rooms.map(({ arn }) => arn.split(':')[3] ?? '')),
    createRoomCalls: callsOf('CreateRoom'),
    throttledCalls: sum(counts.map(({ throttled }) => throttled)),
    listRoomsCalls: callsOf('ListRooms'),
    unusableResponses: admin.unusableResponses(),
    secondRooms: keys.length - new Set(keys).size,
  };
}

export function summaryLines(chat: ChatSummary): string[] {
  const regions = [...chat.roomsByRegion].sort().map(([region, count]) => `${region} ${count}`);
  return [
    `Rooms in IVS Chat: ${sum([...chat.roomsByRegion.values()])} (${regions.join(', ')})`,
    `Duplicate rooms for a key: ${chat.secondRooms}`,
    `Calls: ${chat.createRoomCalls} CreateRoom, ${chat.listRoomsCalls} ListRooms; throttled: ${chat.throttledCalls}; took effect without a usable response: ${chat.unusableResponses}`,
  ];
}

function countBy(names: string[]): Map<string, number> {
  return new Map([...Map.groupBy(names, (name) => name)].map(([name, group]) => [name, group.length]));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
