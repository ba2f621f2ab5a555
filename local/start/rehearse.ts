import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { withCompletionFeed } from '../../client/completion-feed.ts';
import { printable } from '../../client/completion-line.ts';
import type { Deployment } from '../../client/deployment.ts';
import { type RequestLine, readRequestLines } from '../../client/request-lines.ts';
import { UserError } from '../../client/user-error.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { followRun } from './follow-run.ts';
import type { FunctionLogs } from './function-logs.ts';
import { programmePath, report } from './report.ts';
import { openRunRecord, type RunRecord } from './run-record.ts';

/** The sample programme names this logging configuration, in the account of AWS's examples. As on AWS, it must exist. */
const PROGRAMME_LOGGING_CONFIGURATION = 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/ProgrammeLog';
const ONCE_LIMIT_MS = 120_000;
/** With a data directory, the queue is kept between runs, so that completions that were published in the meantime are received later. */
const KEPT_QUEUE_NAME = 'greenroom-local-start';

const WHAT_NEXT = `
Send more:  npx greenroom send FILE
Watch it:   npx greenroom watch
End it:     Ctrl-C. Completions from now on:`;

export interface Rehearsal {
  root: string;
  deployment: Deployment;
  chat: IvsChatAdmin;
  logs: FunctionLogs;
  /** Default: the sample programme. */
  file?: string;
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
  const record = await openRecord(rehearsal);
  chat.seedLoggingConfiguration(PROGRAMME_LOGGING_CONFIGURATION);
  const until = once ? AbortSignal.any([signal, AbortSignal.timeout(ONCE_LIMIT_MS)]) : signal;
  const answered = record.requests.length - record.openCount;
  if (answered > 0)
    console.log(`Continuing with ${dataDir}: ${answered} of ${record.requests.length} requests have their outcome`);
  const reportNow = () => report({ ...rehearsal, record, startedAtMs });
  let isAsExpected: boolean | undefined;
  const settings = {
    onUnreadable: (problem: string) =>
      console.error(printable(`Skipped a message that is not a completion: ${problem}`)),
    ...(dataDir !== undefined && { keptQueueName: KEPT_QUEUE_NAME }),
  };
  try {
    await withCompletionFeed(deployment, settings, (feed) =>
      followRun({ feed, record, deployment, chat, once, signal: until }, () => {
        isAsExpected = reportNow();
        if (!once) console.log(WHAT_NEXT);
      }),
    );
    if (signal.aborted && isAsExpected === undefined) {
      console.log(`Interrupted: ${record.openCount} of ${record.requests.length} requests have no outcome yet`);
      return false;
    }
    return isAsExpected ?? reportNow();
  } finally {
    record.close();
  }
}

/** @throws UserError if the data directory belongs to a run of another file */
async function openRecord({ deployment, file, root, dataDir }: Rehearsal): Promise<RunRecord> {
  const source = file === undefined ? programmePath(root) : resolve(file);
  const journalPath = dataDir === undefined ? undefined : join(dataDir, 'start.ndjson');
  const record = await openRunRecord(deployment.defaultRegion(), journalPath, async () => ({
    file: source,
    lines: await readLines(source),
  }));
  if (file === undefined || record.source === source) return record;
  record.close();
  throw new UserError(
    `${dataDir} belongs to a run of ${record.source}: name another directory, or send ${file} with \`npx greenroom send\` while that run continues`,
  );
}

async function readLines(path: string): Promise<RequestLine[]> {
  const lines: RequestLine[] = [];
  try {
    for await (const line of readRequestLines(createReadStream(path), () => new Date())) lines.push(line);
  } catch (error) {
    throw new UserError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  if (lines.length === 0) throw new UserError(`${path} contains no requests`);
  return lines;
}
