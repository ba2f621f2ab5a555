import { styleText } from 'node:util';
import type { Completion } from '../lib/contract/completion.ts';
import { problemText } from '../lib/contract/problem-text.ts';

type FailedData = Extract<Completion['data'], { outcome: 'failed' }>;

/**
 * One line for people: time, outcome, key, region, then the room or the reason for the failure. Coloured if standard output is a terminal.
 * @param isExisting whether the room existed before the request that the completion answers. The line then says `existing`
 */
export function completionLine({ time, data, subject = '(no readable key)' }: Completion, isExisting = false): string {
  const outcome = isExisting && data.outcome !== 'failed' ? 'existing' : data.outcome;
  const columns = [time, paintOutcome(data.outcome, outcome.padEnd('existing'.length)), printable(subject)];
  if (data.outcome !== 'failed') return [...columns, data.region, data.room.name ?? '', data.room.arn].join('  ');
  return [...columns, data.region ?? '-', `${data.reason}: ${failureDetails(data).join('; ')}`].join('  ');
}

/** The problems of a failed request, one line each. If there are no problems, the error. */
export function failureDetails(data: FailedData): string[] {
  const { problems = [], problemsTotal = problems.length } = data;
  const more = problemsTotal > problems.length ? [`and ${problemsTotal - problems.length} more`] : [];
  return (problems.length > 0 ? [...problems.map(problemText), ...more] : [errorText(data)]).map(printable);
}

/**
 * The error of a failed request, as it is printed after the reason. The error's name is left out if it only repeats the reason, such as
 * `DeadLettered` after `dead-lettered`.
 */
export function errorText({ reason, error: { name, message } }: Pick<FailedData, 'reason' | 'error'>): string {
  return essenceOf(name) === essenceOf(reason) ? message : `${name}: ${message}`;
}

/** Reduces a reason or an error name to its letters: both `access-denied` and `AccessDeniedException` become `accessdenied`. */
function essenceOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .replace(/(exception|error)$/, '');
}

export function paintOutcome(outcome: Completion['data']['outcome'], text: string): string {
  return styleText(outcome === 'failed' ? 'red' : 'green', text);
}

/**
 * Makes the control characters of a string visible. Control characters from another source could move the cursor or overwrite other text.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
