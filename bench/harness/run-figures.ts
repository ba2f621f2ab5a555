import type { CreateRoomCall } from '../../emulator/ivschat/calls.ts';
import type { Room } from '../../emulator/ivschat/rooms.ts';
import { extent, sum, utilisation } from './arithmetic.ts';
import type { IvsChatProcess } from './ivs-chat-process.ts';
import type { BenchRequest } from './requests.ts';
import { messagesIn, type RunningStack } from './with-stack.ts';

/** IVS Chat's quota for each room API, per account and region. */
export const QUOTA_PER_SECOND = 5;

/** The figures of a set of requests, from the completions, the queues and the emulator of IVS Chat. */
export interface RunFigures extends ChatFigures {
  unanswered: number;
  failed: number;
  deadLetters: number;
  /** Lines of level ERROR in the logs of functions and runner. */
  errors: number;
}

export async function figuresOf(running: RunningStack, requests: readonly BenchRequest[]): Promise<RunFigures> {
  const { ivsChat, completions, logs } = running;
  const answers = requests.flatMap(({ key }) => completions.answers.get(key) ?? []);
  return {
    ...(await chatFigures(ivsChat, requests)),
    unanswered: requests.length - answers.length,
    failed: answers.filter(({ outcome }) => outcome === 'failed').length,
    deadLetters: await deadLetters(running),
    errors: logs.errorCount,
  };
}

/** Counts dead letters and parked messages, because a dead letter is parked as soon as it is answered. */
async function deadLetters({ stack, deployment }: RunningStack): Promise<number> {
  const urls = ['InteractiveDeadLetterQueue', 'BulkDeadLetterQueue', 'ParkedQueue'].map((name) => stack.outputs[name]);
  const counts = await Promise.all(urls.map((url) => messagesIn(deployment, url ?? '')));
  return sum(counts);
}

/** The figures of the emulator of IVS Chat alone, for all callers. */
export interface ChatFigures {
  calls: number;
  throttled: number;
  /** Requests that have a room. */
  distinctRooms: number;
  /** Rooms in addition to the first room of each request. */
  secondRooms: number;
  spanSeconds: number;
  /** From the first call until 95% of the requests had a room; NaN if that never happened. */
  mostDoneSeconds: number;
}

export async function chatFigures(ivsChat: IvsChatProcess, requests: readonly BenchRequest[]): Promise<ChatFigures> {
  const calls = (await ivsChat.calls()).createRoom;
  const allRooms = await ivsChat.rooms();
  const rooms = Map.groupBy(allRooms, ({ name }) => name);
  const madeMs = requests.flatMap(({ key }) => {
    const createdMs = rooms.get(key)?.map(({ createTime }) => Date.parse(createTime));
    return createdMs ? Math.min(...createdMs) : [];
  });
  const mostMs = madeMs.toSorted((left, right) => left - right)[Math.ceil(requests.length * 0.95) - 1] ?? Number.NaN;
  const [firstMs, lastMs] = extent(arrivalTimesOf(calls));
  return {
    calls: calls.length,
    throttled: calls.filter(({ throttled }) => throttled).length,
    distinctRooms: madeMs.length,
    secondRooms: secondRooms(allRooms),
    spanSeconds: (lastMs - firstMs) / 1000,
    mostDoneSeconds: (mostMs - firstMs) / 1000,
  };
}

function secondRooms(rooms: readonly Room[]): number {
  const names = rooms.map(({ name }) => name);
  return names.length - new Set(names).size;
}

export function arrivalTimesOf(calls: readonly CreateRoomCall[], region?: string): number[] {
  return calls.filter((call) => region === undefined || call.region === region).map(({ arrivedAtMs }) => arrivedAtMs);
}

/** The share of a region's quota that was used between its first and its last call. */
export function quotaUse(calls: readonly CreateRoomCall[], rooms: number, quota: number, region?: string): number {
  return utilisation(arrivalTimesOf(calls, region), quota, rooms);
}
