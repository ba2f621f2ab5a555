import { printable } from '../../client/completion-line.ts';
import { fitLine, padColumns } from '../../client/fit-line.ts';
import type { ParkedMessage } from '../../client/operate/parked-message.ts';
import { reasonOf } from '../../client/operate/parked-reason.ts';

const SHORT_ID_LENGTH = 8;
/** The widths of all columns except the last. */
const WIDTHS = [8, 24, 15, 24, 8, 7];

const HEADER = ['id', 'parked at', 'reason', 'came from', 'received', 'bytes', 'key'];

/** @param width the width of the terminal; undefined if the output is not a terminal */
export function parkedHeader(width?: number): string {
  return width === undefined ? columns(...HEADER) : briefColumns(HEADER, width);
}

/** One line for people, under the header. A terminal shows only what fits. `greenroom parked show` prints everything. */
export function parkedLine(message: ParkedMessage, stage: string, width?: number): string {
  const { id, parkedAt, note, sizeBytes, idempotencyKey = '(no readable key)' } = message;
  const queueName = note?.sourceQueue.split(':').at(-1)?.replace(`greenroom-${stage}-`, '') ?? '-';
  const received = note === undefined ? '-' : `${note.receiveCount} x`;
  const cells = [shortId(id), parkedAt, reasonOf(message), queueName, received, String(sizeBytes), idempotencyKey];
  return width === undefined ? columns(...cells) : briefColumns(cells, width);
}

/** The beginning of a message's id, which is usually unique. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}

/** The number of messages by reason, the most frequent first, then by name: `3 unparseable, 1 dead-lettered`. */
export function countsText(countByReason: ReadonlyMap<string, number>): string {
  const sorted = [...countByReason].sort(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b));
  return printable(sorted.map(([reason, count]) => `${count} ${reason}`).join(', '));
}

/** The id, the minute, the reason, the queue and the key. */
function briefColumns(
  [id = '', parkedAt = '', reason = '', queue = '', , , key = '']: string[],
  width: number,
): string {
  const minute = parkedAt.slice(0, 16).replace('T', ' ');
  const cells = [id.padEnd(8), minute.padEnd(16), reason.padEnd(15), padColumns(fitLine(queue, 11), 11), key];
  return fitLine(printable(cells.join('  ')), width);
}

function columns(...cells: string[]): string {
  return printable(cells.map((cell, index) => padColumns(cell, WIDTHS[index] ?? 0)).join('  '));
}
