import { failureText, printable } from '../../lib/client/completion-line.ts';
import type { Tracked } from './run-record.ts';

/** What became of one request, in the words of the programme's expectations. */
export type OutcomeKind = 'open' | 'provisioned' | 'replay' | `failed: ${string}`;

export function outcomeKind({ answer }: Tracked): OutcomeKind {
  if (!answer) return 'open';
  const { data } = answer.completion;
  if (data.outcome === 'failed') return `failed: ${data.reason}`;
  return answer.replayOf === undefined ? 'provisioned' : 'replay';
}

/** The same for people: `created`, `adopted`, `replay of line 3`, or the reason of the failure with its problems. */
export function outcomeText({ answer }: Tracked): string {
  if (!answer) return 'no outcome yet';
  const { data } = answer.completion;
  if (answer.replayOf !== undefined) return `replay of line ${answer.replayOf}`;
  return data.outcome === 'failed' ? printable(failureText(data)) : data.outcome;
}
