import { printable } from '../../client/completion-line.ts';
import { timeText } from '../../client/describe/time-text.ts';
import type { ChangedReleases, RegionReleases } from '../../client/operate/release/release-stops.ts';
import { typed } from '../../client/typed-command.ts';

/** The releases of regions after a change, one line each. */
export function changedLines(changed: readonly ChangedReleases[]): string[] {
  return changed.flatMap((each) => {
    if ('problem' in each) return [];
    const { region, stoppedSinceMs } = each;
    return [
      `${region.padEnd(14)}  ${stoppedSinceMs === undefined ? 'releases continue' : `releases stopped since ${timeText(stoppedSinceMs)}`}`,
    ];
  });
}

/** The regions that could not be changed, and what to do about them. */
export function missedLines(changed: readonly ChangedReleases[], kind: 'stop' | 'resume'): string[] {
  const missed = changed.flatMap((each) => ('problem' in each ? [printable(`  ${each.region}: ${each.problem}`)] : []));
  if (missed.length === 0) return [];
  const what =
    kind === 'stop' ? 'Releases may continue in these regions:' : 'Releases may still be stopped in these regions:';
  return [what, ...missed, 'Run the command again. It can be repeated safely:', `  ${typed(`release --${kind}`)}`];
}

/** The regions in which releases are stopped, as lines below the pace; empty if there are none. */
export function stoppedLines(stopped: readonly RegionReleases[]): string[] {
  if (stopped.length === 0) return [];
  return [
    '',
    'Releases of rooms are stopped by an operator:',
    ...stopped.map(({ region, stoppedSinceMs }) => `  ${region.padEnd(14)}  since ${timeText(stoppedSinceMs)}`),
    `To resume them: ${typed('release --resume')}`,
  ];
}

/** Whether the releases of a region are stopped, for programs. */
export function releaseStopJson({ region, stoppedSinceMs }: RegionReleases): object {
  const isStopped = stoppedSinceMs !== undefined;
  return { region, stopped: isStopped, ...(isStopped && { stoppedAt: timeText(stoppedSinceMs) }) };
}
