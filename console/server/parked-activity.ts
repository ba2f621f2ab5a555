import { printable } from '../../client/completion-line.ts';
import type { Deployment } from '../../client/deployment.ts';
import { stillHiddenText } from '../../client/describe/parked-texts.ts';
import { explainError } from '../../client/explain-error.ts';
import type { ReadSettings } from '../../client/operate/parked-queue.ts';
import { UserError } from '../../client/user-error.ts';
import type { ParkedActivity, ParkedActivityKind, ParkedResult } from '../api/parked.ts';
import type { StageParts } from './stage-parts.ts';

/** The signal of an activity, and the functions with which it reports. */
export interface Doing extends Pick<ReadSettings, 'signal' | 'onStillHidden'> {
  deployment: Deployment;
  progress: Pick<ParkedActivity, 'done' | 'total'>;
  note(text: string): void;
  fail(id: string, problem: string): void;
}

export interface ParkedActivities {
  running: ParkedActivity | undefined;
  last: ParkedResult | undefined;
  /** @throws UserError if another activity is running */
  begin(kind: ParkedActivityKind, total: number, work: (doing: Doing) => Promise<void>): void;
  /** Stops the activity after the message that it is handling. */
  stop(): void;
  /** Resolves when no activity is running. */
  ended(): Promise<void>;
}

const BUSY: Record<ParkedActivityKind, string> = {
  read: 'The queue is being read. Wait until this has ended, or stop it.',
  redrive: 'Messages are being sent back. Wait until this has ended, or stop it.',
  discard: 'Messages are being discarded. Wait until this has ended, or stop it.',
};

/** Reads or changes the parked queue, independently of the page that has requested it. */
export function createParkedActivities({ stage, clock, signal: consoleEnds }: StageParts): ParkedActivities {
  let stopping = new AbortController();
  let current: Promise<void> | undefined;

  async function run(running: ParkedActivity, work: (doing: Doing) => Promise<void>): Promise<void> {
    const signal = AbortSignal.any([consoleEnds, stopping.signal]);
    const [notes, failures]: [string[], ParkedResult['failures']] = [[], []];
    const reports = {
      note: (text: string) => void notes.push(printable(text)),
      fail: (id: string, problem: string) => void failures.push({ id, problem: printable(problem) }),
      onStillHidden: (count: number, seconds: number) => void notes.push(stillHiddenText(count, seconds)),
    };
    const problem = await stage
      .use((deployment) => untilStopped(() => work({ deployment, progress: running, signal, ...reports }), signal))
      .then(
        () => undefined,
        (error: unknown) => printable(explainError(error)),
      );
    const { kind, done, total, isStopping: isStopped } = running;
    activities.last = {
      ...{ kind, endedAtMs: clock.nowMs(), done, total, isStopped, notes, failures },
      ...(problem !== undefined && { problem }),
    };
    activities.running = undefined;
  }

  const activities: ParkedActivities = {
    running: undefined,
    last: undefined,
    begin(kind, total, work) {
      if (activities.running !== undefined) throw new UserError(BUSY[activities.running.kind]);
      stopping = new AbortController();
      activities.running = { kind, done: 0, total, isStopping: false };
      current = run(activities.running, work);
    },
    stop() {
      if (activities.running !== undefined) activities.running.isStopping = true;
      stopping.abort();
    },
    ended: async () => current,
  };
  return activities;
}

/** Waits for the work. If the user has stopped the work, its error does not count as a failure of the stage. */
async function untilStopped(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
