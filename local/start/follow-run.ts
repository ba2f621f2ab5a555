import { styleText } from 'node:util';
import type { CompletionFeed } from '../../client/completion-feed.ts';
import { completionLine } from '../../client/completion-line.ts';
import type { Deployment } from '../../client/deployment.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { sendMessages } from '../../lib/platform/send-messages.ts';
import { showProgress } from './progress.ts';
import type { RunRecord } from './run-record.ts';

export interface Following {
  feed: CompletionFeed;
  record: RunRecord;
  deployment: Deployment;
  chat: IvsChatAdmin;
  once: boolean;
  /** Ends everything. */
  signal: AbortSignal;
}

/**
 * Sends what has not been sent, follows it until each request has its completion, and calls `onAllAnswered` then. Unless
 * `once`, it goes on and prints what else is published, until the signal is aborted.
 *
 * @throws what sending or receiving fails with
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
    if (isDone) console.log(completionLine(completion));
    else if (record.openCount === 0) {
      isDone = true;
      onAllAnswered();
      if (once) return;
    }
  }
}

async function sendUnsent({ record, deployment, signal }: Following): Promise<void> {
  // What was sent before a kill could record it is sent again: the keys are the same, so nothing is made twice.
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
      if (problem !== undefined) console.error(styleText('red', `${message.name} was not sent: ${problem}`));
  }
}
