import { useState } from 'preact/hooks';
import { localInput, msOfInput } from './day.ts';

/** The two inputs of a move, as inputs of the type `datetime-local` take them. */
export interface MoveTimes {
  start: string;
  /** Absent if the event has no end. */
  end: string | undefined;
  setStart(value: string): void;
  setEnd(value: string): void;
  /** The points in time that the inputs contain. */
  read(): { startsAtMs: number; endsAtMs?: number };
}

/** The new start and end of an event. The end moves with the start. It can be changed afterwards. */
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
