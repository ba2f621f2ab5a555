import { printLines, printNotes } from '../client/fit-line.ts';
import { changeReleasesIn } from '../client/operate/release/release-stops.ts';
import type { CliContext } from './cli-context.ts';
import { changedLines, missedLines, releaseStopJson } from './print/release-stop-lines.ts';
import type { ReleaseOptions, StopSelection } from './release-options.ts';

/** Stops or resumes releases. @returns whether this succeeded in every region */
export async function changeReleases(
  { kind, regions }: StopSelection,
  { json, ...options }: ReleaseOptions,
  context: CliContext,
): Promise<boolean> {
  const deployment = await context.findDeployment(options);
  try {
    const changed = await changeReleasesIn(deployment, regions, kind, context);
    if (json) for (const each of changed) console.log(JSON.stringify('problem' in each ? each : releaseStopJson(each)));
    else printLines(changedLines(changed));
    printNotes(missedLines(changed, kind));
    return changed.every((each) => !('problem' in each));
  } finally {
    deployment.close();
  }
}
