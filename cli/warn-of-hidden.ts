import { stillHiddenText } from '../client/describe/parked-texts.ts';
import { printNotes } from '../client/fit-line.ts';

/** Called at the end of a reading of the parked queue, if messages could not be made visible. */
export function warnOfHidden(count: number, seconds: number): void {
  printNotes([stillHiddenText(count, seconds)]);
}
