import { failureDetails, printable } from '../../client/completion-line.ts';
import type { RequestStatus } from '../../client/operate/request-status.ts';
import type { RequestWait } from '../../client/operate/request-wait.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';

/** A past event, or a state that lasts until a time. The ledger stores no time for some of them. */
interface Step {
  atMs?: number;
  text: string;
}

/** What the user asked about: a key, or the room that was created for a key. */
export type StatusSubject = { ledgerKey: string } & ({ idempotencyKey: string } | { roomArn: string });

const TIME_WIDTH = new Date(0).toISOString().length;

/** The state of a request, as text for people: one line per known fact with its time, in order. */
export function statusLines(subject: StatusSubject, status: RequestStatus, nowMs: number): string[] {
  const name = 'roomArn' in subject ? subject.roomArn : subject.idempotencyKey;
  const heading = `${name}  (ledger key ${subject.ledgerKey})`;
  switch (status.kind) {
    case 'unknown':
      return [
        heading,
        'The ledger has no item for this key: no worker has claimed the key yet, its request is invalid, or the item has expired.',
      ].map(printable);
    case 'damaged':
      return [
        heading,
        `${status.problem}.`,
        'Until a person repairs the item, greenroom parks every request with this key. Afterwards, send the requests back with greenroom redrive.',
      ].map(printable);
    case 'known': {
      const { item, expiresAtMs, wait } = status;
      const steps = [
        ...keyStep(subject, item),
        ...past(item),
        ...decisionSteps(item),
        ...waitSteps(item),
        ...present(item, wait, nowMs),
      ];
      if (expiresAtMs !== undefined) steps.push({ atMs: expiresAtMs, text: 'the ledger keeps the key until then' });
      const lines = steps.map(({ atMs, text }) => `${timeText(atMs).padEnd(TIME_WIDTH)}  ${text}`);
      return [`${heading}  ${item.region}`, ...lines].map(printable);
    }
  }
}

/** The state of a request, for programs. Times are ISO 8601. Fields that the item does not have are left out. */
export function statusJson(subject: StatusSubject, status: RequestStatus): Record<string, unknown> {
  if (status.kind === 'unknown') return { ...subject, state: 'unknown' };
  if (status.kind === 'damaged') return { ...subject, state: 'damaged', problem: status.problem };
  const { item, expiresAtMs, wait } = status;
  return {
    ...subject,
    ...(item.idempotency_key !== undefined && { idempotencyKey: item.idempotency_key }),
    state: stateOf(item),
    region: item.region,
    generation: item.generation,
    leaseUntil: item.status === 'INPROGRESS' && item.lease_end > 0 ? timeText(item.lease_end) : undefined,
    neededBy: item.needed_by && timeText(item.needed_by),
    intentAt: item.create_started_at && timeText(item.create_started_at),
    rebuiltFrom: item.rebuilt_from,
    deniedAt: item.denied_at && timeText(item.denied_at),
    ...(item.waits !== undefined && { waits: waitsJson(item.waits) }),
    ...(wait && {
      waitsFor: {
        reason: wait.reason,
        since: timeText(wait.sinceMs),
        ...(wait.untilMs !== undefined && { nextAttemptBy: timeText(wait.untilMs) }),
      },
    }),
    ...(item.decision !== undefined && {
      decidedAt: timeText(item.decided_at),
      decision: item.decision,
      completion: item.completion,
    }),
    ...(item.decision === 'room' && { roomArn: item.room_arn }),
    rememberedUntil: expiresAtMs && timeText(expiresAtMs),
  };
}

function stateOf(item: LedgerItem): 'in-progress' | 'decided' | 'completed' {
  if (item.decision === undefined) return 'in-progress';
  return item.status === 'COMPLETED' ? 'completed' : 'decided';
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
  const { reason, error, problems = [], fieldList = [], retryable } = data;
  const details =
    problems.length > 0 ? failureDetails(data) : fieldList.map(({ name, message }) => `${name}: ${message}`);
  return [
    { atMs, text: `decided: failed, ${reason}: ${error.name}: ${error.message}` },
    ...details.map((text) => ({ text: `  ${text}` })),
    {
      text: retryable ? 'the same request may succeed if it is sent again' : 'the same request will fail again',
    },
  ];
}

/** Why the key's requests returned to their queue, since when, and how often. The latest reason comes last. */
function waitSteps({ waits = {} }: LedgerItem): Step[] {
  return Object.entries(waits)
    .toSorted(([, a], [, b]) => a.last - b.last)
    .map(([reason, { first, last, count }]) => ({
      atMs: first,
      text: count === 1 ? `postponed: ${reason}` : `postponed ${count} times, the last at ${timeText(last)}: ${reason}`,
    }));
}

function waitsJson(waits: NonNullable<LedgerItem['waits']>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(waits).map(([reason, { first, last, count }]) => [
      reason,
      { since: timeText(first), last: timeText(last), count },
    ]),
  );
}

/** The current state of a key in progress. */
function present(item: LedgerItem, wait: RequestWait | undefined, nowMs: number): Step[] {
  if (item.status === 'COMPLETED') return [];
  const lease =
    item.lease_end > nowMs
      ? { atMs: item.lease_end, text: 'a worker holds the key; its lease ends then' }
      : waitStep(wait, nowMs);
  if (item.decision !== undefined) return [lease];
  const intent =
    item.create_started_at === undefined ? [] : [{ text: 'undecided: greenroom first looks for the room' }];
  const { needed_by: neededByMs } = item;
  if (neededByMs === undefined)
    return [
      ...intent,
      lease,
      { text: `rebuilt from the tags of ${item.rebuilt_from}: the next request gets this room` },
    ];
  const tense = neededByMs > nowMs ? 'is' : 'was';
  return [...intent, lease, { atMs: neededByMs, text: `the room ${tense} needed by then` }];
}

function waitStep(wait: RequestWait | undefined, nowMs: number): Step {
  if (wait === undefined) return { text: 'no worker holds the key at the moment' };
  const { reason, untilMs } = wait;
  const text = `waiting: ${reason}`;
  if (untilMs === undefined) return { text };
  return {
    atMs: untilMs,
    text: `${text}; the next attempt ${untilMs > nowMs ? 'is due by then' : 'has been due since then'}`,
  };
}

function timeText(atMs: number | undefined): string {
  if (atMs === undefined) return '-';
  const time = new Date(atMs);
  return Number.isNaN(time.getTime()) ? String(atMs) : time.toISOString();
}
