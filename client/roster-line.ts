import { problemText } from '../lib/contract/problem-text.ts';
import type { RosterAtRisk, RosterCompleted, RosterEvent } from '../lib/contract/roster-event.ts';
import { printable } from './completion-line.ts';

const MISSING_SHOWN = 5;

/** The event of a bulk job or a live event as one line for people. */
export function rosterLine({ time, type, data, subject }: RosterEvent): string {
  const [, , what = ''] = type.split('.');
  const counts = roomsOf(data);
  const whole = data.kind === 'bulk' ? 'the manifest' : 'the live event';
  const problems =
    'problemsTotal' in data ? `${counted(data.problemsTotal, 'problem')}: ${aboutWhole(whole, data.problems[0])}` : '';
  return printable([time, `${data.kind} ${what}`, subject, counts, problems].filter((part) => part !== '').join('  '));
}

function aboutWhole(whole: string, problem = { path: '', message: '' }): string {
  return problem.path === '' ? `${whole} ${problem.message}` : problemText(problem);
}

function roomsOf(data: RosterEvent['data']): string {
  if ('members' in data)
    return [`${data.members.provisioned} of ${data.members.total} rooms`, ...endOf(data)].join(', ');
  if ('roomsTotal' in data) return counted(data.roomsTotal, 'existing room');
  if (!('missing' in data)) return '';
  const missing = data.missing.slice(0, MISSING_SHOWN).map(({ key }) => key);
  const more = data.missingTotal > missing.length ? ', …' : '';
  return `${data.ready} of ${data.total} rooms; ${causeText(data)}: ${missing.join(', ')}${more}`;
}

/** What the number of rooms does not show about an ended bulk job. */
function endOf(data: RosterCompleted['data']): string[] {
  if (data.kind !== 'bulk') return [];
  return [
    ...(data.rows.invalid > 0 ? [counted(data.rows.invalid, 'invalid row')] : []),
    ...(data.stoppedAt === undefined ? [] : ['stopped']),
  ];
}

/** Why a warning was published: a check found that rooms were missing, or the pace is too slow to create them in time. */
function causeText({ cause, expectedAt }: RosterAtRisk['data']): string {
  if (cause === 'check') return 'missing at the check';
  return `expected after the start${expectedAt === undefined ? '' : ` (${expectedAt})`}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
