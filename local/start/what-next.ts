import type { RunRecord } from './run-record.ts';

/**
 * The next steps that a user can take with the stack after all requests have been answered.
 * @param isAnyParked whether there may be parked messages: after an earlier process of the run, the user may have removed them
 */
export function whatNext(
  { requests }: Pick<RunRecord, 'requests'>,
  dataDir: string | undefined,
  isAnyParked: boolean,
): string {
  const unreadable = (isAnyParked ? requests : []).filter(({ request }) => request.read.kind === 'unparseable');
  return [
    '',
    ...parkedLines(unreadable.map(({ request }) => request.name)),
    'Send more:  npx greenroom send FILE',
    'Watch it:   npx greenroom watch',
    'Release:    npx greenroom release KEY',
    `End it:     Ctrl-C (${dataDir === undefined ? 'nothing is kept without --data' : `all data is kept in ${dataDir}`})`,
    'Completions, and events of releases, bulk jobs and live events, from now on:',
  ].join('\n');
}

/** `greenroom doctor` calls a parked message an error, although the user may have sent it on purpose. */
function parkedLines(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const [is, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return [
    `${names.join(', ')} ${is} unreadable. greenroom has parked ${them} for a person.`,
    `Until you remove ${them}, "npx greenroom doctor" ends with exit code 1.`,
    '',
    'Parked:     npx greenroom parked',
    'Remove:     npx greenroom parked remove ID',
  ];
}
