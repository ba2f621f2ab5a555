import type { Tracked } from './run-record.ts';

/** The outcome of one request, in the words of the programme's expectations. */
export type OutcomeKind = 'open' | 'provisioned' | 'replay' | `failed: ${string}`;

export function outcomeKind({ answer }: Tracked): OutcomeKind {
  if (!answer) return 'open';
  const { data } = answer.completion;
  if (data.outcome === 'failed') return `failed: ${data.reason}`;
  return answer.replayOf === undefined ? 'provisioned' : 'replay';
}

/** The outcome as the table shows it: `created`, `adopted`, `replay of line 3`, `failed: invalid-request`. */
export function outcomeText(tracked: Tracked): string {
  const { answer } = tracked;
  if (!answer) return 'no outcome yet';
  if (answer.replayOf !== undefined) return `replay of line ${answer.replayOf}`;
  const { data } = answer.completion;
  return data.outcome === 'failed' ? outcomeKind(tracked) : data.outcome;
}
