import { styleText } from 'node:util';
import { problemText } from '../lib/contract/problem-text.ts';
import type { ReleaseEvent } from '../lib/contract/release-event.ts';
import { printable } from './completion-line.ts';

/**
 * An event about the release of a room as one line for people: time, what happened, key, region, then the room, the time or the reason.
 * Coloured if standard output is a terminal.
 */
export function releaseLine({ time, subject, data }: ReleaseEvent): string {
  const colour = data.outcome === 'release-failed' ? 'red' : 'green';
  const columns = [time, styleText(colour, data.outcome), printable(subject), data.region ?? '-'];
  return [...columns, ...detailsOf(data)].join('  ');
}

function detailsOf(data: ReleaseEvent['data']): string[] {
  switch (data.outcome) {
    case 'released':
      return [data.room.name, data.room.arn].filter((text) => text !== '');
    case 'release-scheduled':
      return [`${STATES[data.state]}, ${standingText(data)}`];
    case 'release-failed': {
      const { reason, problems = [], problemsTotal = problems.length } = data;
      const named = problems.map(problemText);
      const more = problemsTotal > problems.length ? [`and ${problemsTotal - problems.length} more`] : [];
      return [printable([reason, [...named, ...more].join('; ')].filter((text) => text !== '').join(': '))];
    }
  }
}

type Scheduled = Extract<ReleaseEvent['data'], { outcome: 'release-scheduled' }>;

const STATES: Record<Scheduled['state'], string> = {
  unknown: 'not requested yet',
  'being-made': 'room being made',
  made: 'room made',
  failed: 'request failed',
  released: 'room released',
};

/** The wish that applies now. */
function standingText({ superseded, standing: { releaseAt, notBefore } }: Scheduled): string {
  const what = releaseAt === null ? 'kept' : `released at ${releaseAt}`;
  const grace = notBefore === null || releaseAt === null || notBefore === releaseAt ? '' : `, not before ${notBefore}`;
  return `${what}${grace}${superseded ? ' (a later command or request applies)' : ''}`;
}
