import { styleText } from 'node:util';
import type { Completion } from '../lib/contract/completion.ts';

type FailedData = Extract<Completion['data'], { outcome: 'failed' }>;

/**
 * One line for people: time, outcome, key, region, then the room or the reason of the failure. Coloured if standard output is a
 * terminal.
 * @param isExisting whether the room existed before the request that the completion answers. The line then says `existing`
 */
export function completionLine({ time, data, subject = '(no readable key)' }: Completion, isExisting = false): string {
  const outcome = isExisting && data.outcome !== 'failed' ? 'existing' : data.outcome;
  const columns = [time, paintOutcome(data.outcome, outcome.padEnd('existing'.length)), printable(subject)];
  if (data.outcome !== 'failed') return [...columns, data.region, data.room.name ?? '', data.room.arn].join('  ');
  return [...columns, data.region ?? '-', `${data.reason}: ${failureDetails(data).join('; ')}`].join('  ');
}

/** The problems of a failed request, one line each. Without problems, the message of the error. */
export function failureDetails({ problems = [], problemsTotal = problems.length, error }: FailedData): string[] {
  const named = problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
  const more = problemsTotal > problems.length ? [`and ${problemsTotal - problems.length} more`] : [];
  return (named.length > 0 ? [...named, ...more] : [`${error.name}: ${error.message}`]).map(printable);
}

export function paintOutcome(outcome: Completion['data']['outcome'], text: string): string {
  return styleText(outcome === 'failed' ? 'red' : 'green', text);
}

/** Makes the control characters of a text from another source visible, because they could move the cursor or overwrite other text. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
