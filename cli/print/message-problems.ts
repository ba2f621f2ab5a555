import { printable } from '../../client/completion-line.ts';
import { printNotes } from '../../client/fit-line.ts';
import { commandFor } from '../../client/other-command.ts';
import { typed } from '../../client/typed-command.ts';
import { UserError } from '../../client/user-error.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import { nameOfFile } from '../read-file.ts';
import { createProblemNotes, createProblemTally, kindOfProblems, moreLine, othersLine } from './problem-tally.ts';

interface InvalidMessage {
  /** Its name in the file: `line 3`. */
  name: string;
  body: string;
  /** The key of the request or the id of the live event, if it can be read. */
  id: string | undefined;
  problems: readonly Problem[];
  /** The problem, and the consequence for the message: `is not a valid request: not sent`. */
  verdict: string;
}

/**
 * Prints the problems of a file's messages. Of many messages with the same problems, it prints the first three.
 * @param command the command that reads the file
 */
export function createMessageProblems(file: string, command: 'send' | 'schedule') {
  const tally = createProblemTally();
  const unsent = createProblemNotes('message');
  /** The first message with each kind of problem. */
  const firstNames = new Map<string, string>();
  let isFirst = true;
  return {
    /** Notes a valid message. */
    pass(): void {
      isFirst = false;
    },
    /** @throws UserError if the first message of the file belongs to another command, because the whole file then probably does too */
    add({ name, body, id, problems: own, verdict }: InvalidMessage): void {
      const other = commandFor(body);
      const isOther = other !== undefined && other.command !== command;
      if (isOther && isFirst)
        throw new UserError(`${nameOfFile(file)} contains ${other.what}: use ${typed(`${other.command} ${file}`)}`);
      isFirst = false;
      const problems = isOther ? [{ path: '', message: `is ${other.what}: use ${typed(other.command)}` }] : own;
      const kind = kindOfProblems(problems);
      if (!tally.count(kind)) return;
      if (!firstNames.has(kind)) firstNames.set(kind, name);
      const lines = problems.map(({ path, message }) => `  ${path === '' ? 'the whole message' : path}: ${message}`);
      printNotes([`${name}${id === undefined ? '' : ` (${id})`} ${verdict}`, ...lines].map(printable));
    },
    /** Notes that SQS has not accepted a message. */
    addUnsent(name: string, problem: string): void {
      unsent.note(`${name} was not sent: ${problem}`, problem);
    },
    /** Prints how many messages were not shown. */
    end(): void {
      for (const [kind, name] of firstNames)
        printNotes(moreLine(tally.hidden(kind), 'message').map((line) => `${line} as ${name}`));
      printNotes(othersLine(tally));
      unsent.end();
    },
  };
}
