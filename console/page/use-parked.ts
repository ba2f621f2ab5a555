import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ParkedAnswer, ParkedList } from '../api/parked.ts';
import { change, read } from './call.ts';
import { usePolled } from './use-polled.ts';

/** These calls read only what the console remembers, not the queue. */
const WHILE_RUNNING_MS = 500;
const OTHERWISE_MS = 5_000;
/**
 * Opening the page reads the queue, unless the last reading is more recent than this. A reload therefore does not hide the messages again.
 */
const FRESH_FOR_MS = 30_000;

/** What the console knows about the parked messages. */
export interface Parked {
  state?: ParkedAnswer;
  /** The messages of the last reading; undefined if the queue has not been read. */
  list?: ParkedList;
  /** Why the console does not answer. */
  problem?: string;
  /** Begins an activity, or stops it. @param path without `parked/` @throws CallError */
  begin(path: 'read' | 'redrive' | 'discard' | 'stop', body?: unknown): Promise<void>;
}

export function useParked(): Parked {
  const known = useRef<{ version: number; list?: ParkedList }>({ version: 0 });
  const [isRunning, setRunning] = useState(false);

  const note = useCallback((answer: ParkedAnswer) => {
    const { version, list = known.current.list } = answer;
    known.current = version === 0 || list === undefined ? { version: 0 } : { version, list };
    setRunning(answer.running !== undefined);
    return answer;
  }, []);
  const poll = useCallback(
    async (signal: AbortSignal) =>
      note(await read<ParkedAnswer>('parked', { version: known.current.version || undefined }, signal)),
    [],
  );
  const { answer: state, problem, refresh } = usePolled(poll, isRunning ? WHILE_RUNNING_MS : OTHERWISE_MS);
  const begin = useCallback<Parked['begin']>(async (path, body = {}) => {
    note(await change<ParkedAnswer>(`parked/${path}`, body));
    refresh();
  }, []);

  const isOpened = state !== undefined;
  useEffect(() => {
    if (!isOpened || state.running !== undefined) return;
    const { list } = known.current;
    if (list === undefined || Date.now() - list.readAtMs > FRESH_FOR_MS) begin('read').catch(refresh);
  }, [isOpened]);

  const { list } = known.current;
  return { begin, ...(state && { state }), ...(list && { list }), ...(problem !== undefined && { problem }) };
}
