import type { Completion } from '../../lib/contract/completion.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { errorText, failureDetails } from '../completion-line.ts';
import type { RequestStatus, RoomCheck } from '../operate/request-status.ts';
import type { RequestWait } from '../operate/request-wait.ts';
import { releaseSteps } from './release-steps.ts';
import type { Step } from './step.ts';
import { timeText } from './time-text.ts';
import { meaningOf } from './wait-reasons.ts';

/** The subject of the user's question: a key, or the room that was created for a key. */
export type StatusSubject = { ledgerKey: string } & ({ idempotencyKey: string } | { roomArn: string });

type KnownStatus = Extract<RequestStatus, { kind: 'known' }>;

/** Everything that is known about a request, in order of time. */
export function statusSteps(subject: StatusSubject, status: KnownStatus, nowMs: number): Step[] {
  return [...pastSteps(subject, status.item, nowMs), ...presentSteps(status, nowMs)];
}

/** What has happened to a request: its claim, its decision, its release and its waits. */
export function pastSteps(subject: StatusSubject, item: LedgerItem, nowMs: number): Step[] {
  return [
    ...keyStep(subject, item),
    ...past(item),
    ...decisionSteps(item),
    ...releaseSteps(item, nowMs),
    ...waitSteps(item),
  ];
}

/** The present state of a request: what it waits for, whether its room exists, and how long the ledger keeps its key. */
export function presentSteps({ item, expiresAtMs, wait, roomCheck }: KnownStatus, nowMs: number): Step[] {
  const steps = [...present(item, wait, nowMs), ...checkSteps(roomCheck, item)];
  return expiresAtMs === undefined
    ? steps
    : [...steps, { atMs: expiresAtMs, text: 'the ledger keeps the key until then' }];
}

/** The key, if the user asked about a room. An item that was rebuilt from the tags of a room has only the hash of the key. */
function keyStep(subject: StatusSubject, { idempotency_key: key }: LedgerItem): Step[] {
  return 'roomArn' in subject && key !== undefined ? [{ text: `the key is ${key}` }] : [];
}

/** The events up to the decision. */
function past({ generation, create_started_at, denied_at }: LedgerItem): Step[] {
  const again = generation === 0 ? 'claimed' : 'claimed again after it had failed';
  const dated = [
    { atMs: create_started_at, text: 'CreateRoom was about to be sent: from then on, a room may exist' },
    { atMs: denied_at, text: 'AccessDenied' },
  ].flatMap(({ atMs, text }) => (atMs === undefined ? [] : [{ atMs, text }]));
  return [{ text: `${again} (generation ${generation})` }, ...dated.sort((a, b) => a.atMs - b.atMs)];
}

function decisionSteps(item: LedgerItem): Step[] {
  if (item.decision === undefined) return [];
  const { decided_at: atMs, completion } = item;
  const published =
    item.status === 'COMPLETED'
      ? 'completed: the completion was published'
      : 'not completed: the completion may or may not have been published; the next delivery publishes it';
  return [...outcomeSteps(atMs, completion), { text: `completion ${completion.id}` }, { text: published }];
}

function outcomeSteps(atMs: number, { data }: Completion): Step[] {
  if (data.outcome !== 'failed') {
    const how = data.outcome === 'created' ? 'created' : 'adopted (found after an attempt whose response was lost)';
    return [{ atMs, text: `decided: room ${how}: ${data.room.arn}` }];
  }
  const { problems = [], fieldList = [], retryable } = data;
  const details =
    problems.length > 0 ? failureDetails(data) : fieldList.map(({ name, message }) => `${name}: ${message}`);
  return [
    { atMs, text: `decided: failed, ${data.reason}: ${errorText(data)}` },
    ...details.map((text) => ({ text: `  ${text}` })),
    {
      text: retryable ? 'the same request may succeed if it is sent again' : 'the same request will fail again',
    },
  ];
}

/** Why the key's requests returned to their queue, with the first time, the last time and the number of times. The latest reason comes last. */
function waitSteps({ waits = {} }: LedgerItem): Step[] {
  return Object.entries(waits)
    .toSorted(([, a], [, b]) => a.last - b.last)
    .map(([reason, { first, last, count }]) => {
      const meaning = meaningOf(reason);
      return {
        atMs: first,
        text:
          count === 1 ? `postponed: ${reason}` : `postponed ${count} times, the last at ${timeText(last)}: ${reason}`,
        ...(meaning !== undefined && { meaning }),
      };
    });
}

/** The current state of a key in progress. */
function present(item: LedgerItem, wait: RequestWait | undefined, nowMs: number): Step[] {
  if (item.status === 'COMPLETED') return [];
  const lease =
    item.lease_end > nowMs
      ? [{ atMs: item.lease_end, text: 'a worker holds the key; its lease ends then' }]
      : waitStep(wait, nowMs);
  if (item.decision !== undefined) return lease;
  const intent =
    item.create_started_at === undefined ? [] : [{ text: 'undecided: greenroom first looks for the room' }];
  const { needed_by: neededByMs } = item;
  if (neededByMs === undefined)
    return [
      ...intent,
      ...lease,
      { text: `rebuilt from the tags of ${item.rebuilt_from}: the next request gets this room` },
    ];
  const tense = neededByMs > nowMs ? 'is' : 'was';
  return [...intent, ...lease, { atMs: neededByMs, text: `the room ${tense} needed by then` }];
}

function waitStep(wait: RequestWait | undefined, nowMs: number): Step[] {
  if (wait === undefined) return [{ text: 'no worker holds the key at the moment' }];
  const { reason, untilMs } = wait;
  const meaning = meaningOf(reason);
  const details = meaning === undefined ? [] : [{ text: `  ${meaning}` }];
  const text = `waiting: ${reason}`;
  if (untilMs === undefined) return [{ text }, ...details];
  const due = untilMs > nowMs ? 'is due by then' : 'has been due since then';
  return [{ atMs: untilMs, text: `${text}; the next attempt ${due}` }, ...details];
}

/** Whether the room still exists. Until its item expires, a key whose room was deleted gets no other room. */
function checkSteps(check: RoomCheck | undefined, item: LedgerItem): Step[] {
  if (check === undefined) return [];
  const { atMs, exists } = check;
  if (exists) return [{ atMs, text: 'checked: IVS Chat has the room' }];
  return [
    { atMs, text: 'checked: IVS Chat has no such room: it was deleted' },
    { text: isMarked(item) ? MARKED_KEY : '  requests with this key still get the deleted room' },
    { text: `  for a new room, ${otherKey(item.idempotency_key)}` },
  ];
}

/** A request that was sent before the release still gets the deleted room, as it would have at that time. */
const MARKED_KEY = '  requests that were sent after its release fail with key-released';

function isMarked(item: LedgerItem): boolean {
  return item.decision === 'room' && item.release_marked_at !== undefined;
}

function otherKey(key = ''): string {
  if (key.startsWith('live/')) return 'give it another key in a revision';
  if (key.startsWith('bulk/')) return 'give the row a key of its own';
  return 'use another idempotencyKey';
}
