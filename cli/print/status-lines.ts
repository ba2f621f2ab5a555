import { printable } from '../../client/completion-line.ts';
import { wishStep } from '../../client/describe/release-steps.ts';
import { type StatusSubject, statusSteps } from '../../client/describe/status-steps.ts';
import type { Step } from '../../client/describe/step.ts';
import { timeText } from '../../client/describe/time-text.ts';
import { standingWish } from '../../client/operate/release/room-release.ts';
import type { RequestStatus } from '../../client/operate/request-status.ts';
import { typed } from '../../client/typed-command.ts';

const TIME_WIDTH = new Date(0).toISOString().length;

/** IVS Chat accepts only such names: https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateRoom.html */
const ROOM_NAME = /^[\w-]{1,128}$/;

/** The state of a request, as text for people: one line per known fact with its time, in order. */
export function statusLines(subject: StatusSubject, status: RequestStatus, nowMs: number): string[] {
  const name = 'roomArn' in subject ? subject.roomArn : subject.idempotencyKey;
  const heading = `${name}  (ledger key ${subject.ledgerKey})`;
  switch (status.kind) {
    case 'unknown':
      return [heading, ...unknownLines(subject)].map(printable);
    case 'wish-only':
      return [
        heading,
        'No request has arrived for this key. If one arrives, this applies:',
        ...wishOnlyLines(status),
      ].map(printable);
    case 'damaged':
      return [
        heading,
        `${status.problem}.`,
        'Until a person repairs the item, greenroom parks every request with this key.',
        `Afterwards, send the requests back with ${typed('redrive')}.`,
      ].map(printable);
    case 'known': {
      const steps = statusSteps(subject, status, nowMs);
      return [`${heading}  ${status.item.region}`, ...steps.map(stepLine)].map(printable);
    }
  }
}

function stepLine({ atMs, text }: Step): string {
  return `${timeText(atMs).padEnd(TIME_WIDTH)}  ${text}`;
}

function wishOnlyLines({ item, expiresAtMs }: Extract<RequestStatus, { kind: 'wish-only' }>): string[] {
  const wish = standingWish(item);
  return [
    ...(wish === undefined ? [] : [stepLine(wishStep(wish))]),
    ...(expiresAtMs === undefined ? [] : [stepLine({ atMs: expiresAtMs, text: 'the ledger keeps this until then' })]),
  ];
}

function unknownLines(subject: StatusSubject): string[] {
  const reasons = [
    'The ledger has no item for this key: no worker has claimed the key yet, its',
    'request is invalid, or the item has expired.',
  ];
  if ('roomArn' in subject || !ROOM_NAME.test(subject.idempotencyKey)) return reasons;
  return [...reasons, `If it is the name of a room: ${typed(`status --name ${subject.idempotencyKey}`)}`];
}

/** The reason why a request without an outcome waits, in one line. */
export function progressText(status: RequestStatus, nowMs: number): string {
  if (status.kind !== 'known') return 'no worker has claimed the key yet';
  const { item, wait } = status;
  if (item.lease_end > nowMs) return 'a worker is handling the request';
  if (wait === undefined) return 'the request waits for a worker';
  const { reason, sinceMs, count, untilMs } = wait;
  const next = untilMs === undefined ? '' : `, next by ${timeText(untilMs)}`;
  return `waiting since ${timeText(sinceMs)}: ${reason} (tries: ${count}${next})`;
}
