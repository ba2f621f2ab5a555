import { join } from 'node:path';
import { styleText } from 'node:util';
import { printable } from '../../client/completion-line.ts';
import { printLines, widthOf } from '../../client/fit-line.ts';
import type { IvsChatAdmin } from '../../emulator/ivschat/admin.ts';
import { summariseChat, summaryLines } from './chat-summary.ts';
import { differences, readExpectations } from './compare-outcomes.ts';
import type { FunctionLogs } from './function-logs.ts';
import { outcomeTable } from './outcome-table.ts';
import type { RunRecord } from './run-record.ts';

/** The sample programme of the repository, whose expected outcomes are known. */
export function programmePath(root: string): string {
  return join(root, 'events', 'samples', 'programme.ndjson');
}

export interface Reported {
  root: string;
  record: RunRecord;
  chat: IvsChatAdmin;
  logs: FunctionLogs;
  startedAtMs: number;
}

/** Prints the outcomes of the requests and the figures of IVS Chat. @returns whether all of them are as expected */
export function report({ root, record, chat, logs, startedAtMs }: Reported): boolean {
  const summary = summariseChat(chat);
  const isOfProgramme = record.source === programmePath(root);
  const problems = [
    ...openRequests(record),
    ...(isOfProgramme ? differences(readExpectations(expectationsPath(root)), record.requests) : []),
    ...(summary.secondRooms > 0 ? [`${summary.secondRooms} rooms too many: a key has more than one room`] : []),
  ];
  const errors = logs.errorCount === 0 ? [] : [`${logs.errorCount} errors in the logs: ${logs.directory}`];
  const took = `Took ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
  for (const line of outcomeTable(record.requests, widthOf(process.stdout))) console.log(line);
  printLines(['', ...summaryLines(summary), ...errors, took]);
  const good = isOfProgramme ? 'Every request has its expected outcome.' : 'Every request has its outcome.';
  const isGood = problems.length === 0;
  const verdict = isGood ? [good] : ['Problems:', ...problems.map((problem) => `  ${problem}`)];
  printLines(verdict.map((line) => styleText(isGood ? 'green' : 'red', line)));
  return isGood;
}

function openRequests({ requests }: RunRecord): string[] {
  const open = requests.filter(({ answer }) => !answer);
  const names = open.map(({ request: { name, idempotencyKey = 'no readable key' } }) => `${name} (${idempotencyKey})`);
  return names.length > 0 ? [printable(`No outcome yet: ${names.join(', ')}`)] : [];
}

function expectationsPath(root: string): string {
  return join(root, 'events', 'samples', 'programme.expected.json');
}
