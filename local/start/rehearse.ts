import { withCompletionFeed } from '../../client/completion-feed.ts';
import { printable } from '../../client/completion-line.ts';
import type { Deployment } from '../../client/deployment.ts';
import { printLines, printNotes } from '../../client/fit-line.ts';
import { openParkedQueue } from '../../client/operate/parked-queue.ts';
import { releaseLine } from '../../client/release-line.ts';
import { rosterLine } from '../../client/roster-line.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import type { ReleaseEvent } from '../../lib/contract/release-event.ts';
import type { RosterEvent } from '../../lib/contract/roster-event.ts';
import { followRun } from './follow-run.ts';
import type { FunctionLogs } from './function-logs.ts';
import { printAbove } from './progress.ts';
import { report } from './report.ts';
import { journalPath } from './request-source.ts';
import { openRunRecord, type RequestSource } from './run-record.ts';
import { whatNext } from './what-next.ts';

/** The sample programme names this logging configuration, in the account of AWS's examples. As on AWS, it must exist. */
const PROGRAMME_LOGGING_CONFIGURATION = 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/ProgrammeLog';
const ONCE_LIMIT_MS = 120_000;
/**
 * With a data directory, the queue is kept between runs, so that the next run receives the completions that were published in the meantime.
 */
const KEPT_QUEUE_NAME = 'greenroom-local-start';

export interface Rehearsal {
  root: string;
  deployment: Deployment;
  chat: IvsChatAdmin;
  logs: FunctionLogs;
  /** The requests of a new run; undefined if the data directory has those of an unfinished run. */
  source: RequestSource | undefined;
  dataDir?: string;
  once: boolean;
  signal: AbortSignal;
}

/**
 * Sends the requests, follows them, and reports their outcomes. Then, unless `once` is set, it continues until the signal is aborted.
 * @returns whether every request has its expected outcome (for a file other than the programme: any outcome), and no key has two rooms
 */
export async function rehearse(rehearsal: Rehearsal): Promise<boolean> {
  const { deployment, chat, once, dataDir, signal } = rehearsal;
  const startedAtMs = Date.now();
  const journal = dataDir === undefined ? undefined : journalPath(dataDir);
  const record = openRunRecord(deployment.defaultRegion(), journal, rehearsal.source);
  chat.seedLoggingConfiguration(PROGRAMME_LOGGING_CONFIGURATION);
  const until = once ? AbortSignal.any([signal, AbortSignal.timeout(ONCE_LIMIT_MS)]) : signal;
  const answered = record.requests.length - record.openCount;
  if (answered > 0)
    printLines([`Continuing with ${dataDir}: ${answered} of ${record.requests.length} requests have their outcome`]);
  const isAnyParked = record.openCount > 0 || (await openParkedQueue(deployment)).approximateCount > 0;
  const reportNow = () => report({ ...rehearsal, record, startedAtMs });
  let isAsExpected: boolean | undefined;
  const settings = {
    onUnreadable: (problem: string) =>
      printNotes([printable(`Skipped a message that is not a completion: ${problem}`)]),
    onRosterEvent: (event: RosterEvent) => printAbove(rosterLine(event)),
    onReleaseEvent: (event: ReleaseEvent) => printAbove(releaseLine(event)),
    ...(dataDir !== undefined && { keptQueueName: KEPT_QUEUE_NAME }),
  };
  try {
    await withCompletionFeed(deployment, settings, (feed) =>
      followRun({ feed, record, deployment, chat, once, signal: until }, () => {
        isAsExpected = reportNow();
        if (!once) printLines(whatNext(record, dataDir, isAnyParked).split('\n'));
      }),
    );
    if (signal.aborted && isAsExpected === undefined) {
      printLines([`Interrupted: ${record.openCount} of ${record.requests.length} requests have no outcome yet`]);
      return false;
    }
    return isAsExpected ?? reportNow();
  } finally {
    record.close();
  }
}
