import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useRef } from 'preact/hooks';
import type { LoadSample, NowAnswer } from '../api/now.ts';
import type { PublishedAnswer, PublishedEvent } from '../api/published.ts';
import { read } from './call.ts';
import { type Polled, usePolled } from './use-polled.ts';

const EVERY_MS = 2_000;
const KEPT_SAMPLES = 900;
const KEPT_EVENTS = 10_000;

/** What all parts of the page show: the load with its history, and the published events. */
export interface Live {
  now: Polled<NowAnswer>;
  samples: readonly LoadSample[];
  published: Polled<PublishedAnswer>;
  /** The newest event comes last. */
  events: readonly PublishedEvent[];
}

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider({ children }: { children: ComponentChildren }) {
  const samples = useRef<readonly LoadSample[]>([]);
  const events = useRef<readonly PublishedEvent[]>([]);
  const readNow = useCallback(async (signal: AbortSignal) => {
    const answer = await read<NowAnswer>('now', { since: samples.current.at(-1)?.atMs ?? 0 }, signal);
    samples.current = [...samples.current, ...answer.samples].slice(-KEPT_SAMPLES);
    return answer;
  }, []);
  const readPublished = useCallback(async (signal: AbortSignal) => {
    let answer: PublishedAnswer;
    do {
      answer = await read<PublishedAnswer>('published', { after: events.current.at(-1)?.number ?? 0 }, signal);
      if (answer.events.length > 0) events.current = [...events.current, ...answer.events].slice(-KEPT_EVENTS);
    } while (answer.events.length > 0 && !signal.aborted);
    return answer;
  }, []);
  const now = usePolled(readNow, EVERY_MS);
  const published = usePolled(readPublished, EVERY_MS);
  const live = { now, published, samples: samples.current, events: events.current };
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('The page is not inside LiveProvider');
  return live;
}
