import { styleText } from 'node:util';
import type { CompletionFeed } from '../../client/completion-feed.ts';
import { completionLine } from '../../client/completion-line.ts';
import type { Deployment } from '../../client/deployment.ts';
import { printNotes } from '../../client/fit-line.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { sendMessages } from '../../lib/platform/send-messages.ts';
import { printAbove, showProgress } from './progress.ts';
import type { RunRecord } from './run-record.ts';

export interface Following {
  feed: CompletionFeed;
  record: RunRecord;
  deployment: Deployment;
  chat: IvsChatAdmin;
  once: boolean;
  /** Ends the run. */
  signal: AbortSignal;
}

/**
 * Sends the requests that were not sent before, waits until each request has its completion, and then calls `onAllAnswered`. Unless `once`
 * is set, it continues to print published completions until the signal is aborted. Completions of other requests, and the events of bulk
 * jobs and live events, are printed throughout the run.
 *
 * @throws the error if sending or receiving fails
 */
export async function followRun(following: Following, onAllAnswered: () => void): Promise<void> {
  const failure = new AbortController();
  const progress = showProgress(following.record, following.chat);
  const sending = sendUnsent(following).catch((error: unknown) => {
    if (following.signal.aborted) return;
    failure.abort();
    throw error;
  });
  const receiving = receive(following, AbortSignal.any([following.signal, failure.signal]), () => {
    progress.stop();
    onAllAnswered();
  });
  try {
    await Promise.all([sending, receiving]);
  } finally {
    progress.stop();
  }
}

async function receive({ feed, record, once }: Following, signal: AbortSignal, onAllAnswered: () => void) {
  let isDone = record.openCount === 0;
  if (isDone) onAllAnswered();
  if (isDone && once) return;
  for await (const { completion } of feed.completions(signal)) {
    record.note(completion, Date.now());
    // The report shows the outcomes of the run's own requests. A repeated completion of such a request is not printed.
    if (isDone || !record.isOwn(completion)) printAbove(completionLine(completion));
    if (!isDone && record.openCount === 0) {
      isDone = true;
      onAllAnswered();
      if (once) return;
    }
  }
}

async function sendUnsent({ record, deployment, signal }: Following): Promise<void> {
  // A request whose sending was not recorded before a kill is sent again. Its key is the same, so no room is created twice.
  const unsent = record.requests
    .filter(({ sentAtMs, answer }) => sentAtMs === undefined && answer === undefined)
    .map(({ request }) => request);
  const settings = {
    sqs: deployment.sqs,
    queueUrl: await deployment.queueUrl('interactive'),
    clock: systemClock,
    random: Math.random,
    signal,
  };
  for await (const results of sendMessages(unsent, settings)) {
    record.markSent(
      results.filter(({ problem }) => problem === undefined).map(({ message }) => message.number),
      Date.now(),
    );
    for (const { message, problem } of results)
      if (problem !== undefined) printNotes([styleText('red', `${message.name} was not sent: ${problem}`)]);
  }
}
