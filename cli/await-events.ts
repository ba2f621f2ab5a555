import { styleText } from 'node:util';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { printLines } from '../client/fit-line.ts';
import { readRefusedRevision } from '../client/operate/live-event-detail.ts';
import { readSentOutcome } from '../client/operate/read-sent-outcome.ts';
import type { SentLiveEvent, SentOutcome } from '../client/operate/sent-live-event.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { problemText } from '../lib/contract/problem-text.ts';
import type { CliContext } from './cli-context.ts';
import { counted } from './print/bulk-lines.ts';

const POLL_MS = 1_000;
const MAX_CONCURRENT_READS = 25;
const COLOURS = { accepted: 'green', cancelled: 'green', replaced: 'dim', refused: 'red', unknown: 'yellow' } as const;

type Reading = Pick<Deployment, 'dynamodb' | 'rosterTable' | 'defaultRegion'>;
type Outcome = SentOutcome | { kind: 'unknown' };

/** The time of each event's last refusal, by the event's id. Call this before sending, so that only new refusals count. */
export async function noteRefusalsBefore(
  events: readonly SentLiveEvent[],
  { dynamodb, rosterTable: tableName }: Reading,
): Promise<Map<string, number>> {
  const before = new Map<string, number>();
  const ids = [...new Set(events.map(({ liveEventId }) => liveEventId))];
  await inTurns(ids, async (liveEventId) => {
    const refused = await readRefusedRevision(liveEventId, { dynamodb, tableName });
    if (refused !== undefined) before.set(liveEventId, refused.refused_at);
  });
  return before;
}

/**
 * Waits until each message has been applied or refused, and prints one line for each.
 * @param refusedBefore the result of `noteRefusalsBefore`
 * @returns whether every message was applied in time
 * @throws UserError if the user interrupts
 */
export async function awaitEvents(
  sent: readonly SentLiveEvent[],
  refusedBefore: ReadonlyMap<string, number>,
  deployment: Reading,
  { timeoutSeconds, json }: { timeoutSeconds: number; json: boolean },
  { clock, signal, note: tell }: CliContext,
): Promise<boolean> {
  const outcomes = new Map<SentLiveEvent, Outcome>();
  const note = (event: SentLiveEvent, outcome: Outcome) => {
    outcomes.set(event, outcome);
    if (json) console.log(JSON.stringify(outcomeJson(event, outcome)));
    else printLines([outcomeLine(event, outcome)]);
  };
  const open = () => sent.filter((event) => !outcomes.has(event));
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  while (open().length > 0) {
    await inTurns(open(), async (event) => {
      const outcome = await outcomeOf(event, sent, refusedBefore, deployment);
      if (outcome !== undefined) note(event, outcome);
    });
    const leftMs = endMs - clock.nowMs();
    if (open().length === 0 || leftMs <= 0) break;
    await clock.sleep(Math.min(POLL_MS, leftMs), signal).catch((error: unknown) => {
      throw signal.aborted ? interrupted(open()) : error;
    });
  }
  for (const event of open()) note(event, { kind: 'unknown' });
  const count = (...kinds: Outcome['kind'][]) =>
    [...outcomes.values()].filter(({ kind }) => kinds.includes(kind)).length;
  const [refused, unknown] = [count('refused'), count('unknown')];
  tell(
    `${count('accepted', 'cancelled', 'replaced')} applied, ${refused} refused, ${unknown} without an answer${unknown > 0 ? ` after ${timeoutSeconds} seconds` : ''}.`,
  );
  return refused + unknown === 0;
}

async function outcomeOf(
  event: SentLiveEvent,
  sent: readonly SentLiveEvent[],
  refusedBefore: ReadonlyMap<string, number>,
  deployment: Reading,
): Promise<SentOutcome | undefined> {
  const { liveEventId, revision } = event;
  const isReplaced = sent.some((other) => other.liveEventId === liveEventId && other.revision > revision);
  return readSentOutcome(event, { refusedBefore: refusedBefore.get(liveEventId), isReplaced }, deployment);
}

async function inTurns<Each>(list: readonly Each[], act: (each: Each) => Promise<void>): Promise<void> {
  for (let start = 0; start < list.length; start += MAX_CONCURRENT_READS)
    await Promise.all(list.slice(start, start + MAX_CONCURRENT_READS).map(act));
}

function interrupted(open: readonly SentLiveEvent[]): UserError {
  return new UserError(`Interrupted: ${counted(open.length, 'event')} without an answer; see ${typed('events')}`);
}

function outcomeLine({ liveEventId, revision }: SentLiveEvent, outcome: Outcome): string {
  const { kind } = outcome;
  const problems = kind === 'refused' ? outcome.problems.map(problemText) : [];
  const rest = [liveEventId, `revision ${revision}`, ...(problems.length > 0 ? [problems.join('; ')] : [])];
  return `${styleText(COLOURS[kind], kind.padEnd('cancelled'.length))}  ${printable(rest.join('  '))}`;
}

function outcomeJson({ liveEventId, revision }: SentLiveEvent, { kind, ...rest }: Outcome): object {
  return { liveEventId, revision, outcome: kind, ...rest };
}
