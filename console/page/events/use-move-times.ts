import { useState } from 'preact/hooks';
import { localInput, msOfInput } from './day.ts';

/** The contents of the two inputs of a move, in the format of `datetime-local` inputs. */
export interface MoveTimes {
  start: string;
  /** Absent if the event has no end. */
  end: string | undefined;
  setStart(value: string): void;
  setEnd(value: string): void;
  /** The points in time that the inputs contain. */
  read(): { startsAtMs: number; endsAtMs?: number };
}

/** The new start and end of an event. If the start is changed, the end moves with it. The end can also be changed on its own. */
export function useMoveTimes(startsAtMs: number, endsAtMs: number | undefined): MoveTimes {
  const [start, setStart] = useState(localInput(startsAtMs));
  const [end, setEnd] = useState(endsAtMs === undefined ? undefined : localInput(endsAtMs));
  const [shiftedEndMs, setShiftedEndMs] = useState(endsAtMs);
  const moveStart = (value: string) => {
    if (endsAtMs !== undefined && value !== '') {
      const shiftedMs = msOfInput(value, [startsAtMs]) + endsAtMs - startsAtMs;
      setShiftedEndMs(shiftedMs);
      setEnd(localInput(shiftedMs));
    }
    setStart(value);
  };
  const read = () => ({
    startsAtMs: msOfInput(start, [startsAtMs]),
    ...(end !== undefined && { endsAtMs: msOfInput(end, [shiftedEndMs, endsAtMs]) }),
  });
  return { start, end, setStart: moveStart, setEnd, read };
}
