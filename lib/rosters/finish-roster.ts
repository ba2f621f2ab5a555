import { rosterCompleted } from '../contract/roster-announcements.ts';
import type { RosterCompleted } from '../contract/roster-event.ts';
import { shortJobId } from '../contract/short-job-id.ts';
import { forgetInAllRegions } from '../pace/stopped-jobs.ts';
import { isStopOver, isStopped } from './is-stop-over.ts';
import { publishRosterEvent } from './publish-roster-event.ts';
import { reportAddresses, writeReport } from './report.ts';
import { isCounted, type RosterMeta } from './roster-item.ts';
import { moveRoster, readRoster } from './roster-states.ts';
import type { TrackingServices } from './tracking-services.ts';

/**
 * Finishes a roster whose members all have an outcome: writes the report of a bulk job, and announces the completion. Each step
 * is recorded in the roster and can be repeated safely, so the next worker continues where another one crashed. There is always a
 * next worker, because the message that counted the last member or requested a check is acknowledged only after the last step.
 * @returns the roster as it is now
 */
export async function finishIfCounted(
  rosterId: string,
  services: TrackingServices,
  signal: AbortSignal,
): Promise<RosterMeta | undefined> {
  const { rosters, config, clock } = services;
  let roster = await readRoster(rosters, rosterId);
  if (roster?.state === 'refused') await forgetStop(roster, services);
  if (roster === undefined || !isCounted(roster)) return roster;
  if (roster.state === 'sealed' && roster.kind === 'bulk') {
    await writeReport(roster, services, signal);
    roster = (await moveRoster(rosters, roster, 'reported', clock.nowMs())) ?? roster;
  }
  if (roster.state === 'announced') return roster;
  await forgetStop(roster, services);
  const event = rosterCompleted({
    stage: config.stage,
    rosterId,
    revision: roster.revision,
    timeMs: clock.nowMs(),
    storedAtMs: roster.created_at,
    data: completedData(roster, config.manifestBucket),
  });
  await publishRosterEvent(services, event);
  return moveRoster(rosters, roster, 'announced', clock.nowMs());
}

/** Once all requests of a stopped job are answered, the workers no longer need to know that it is stopped. */
async function forgetStop(roster: RosterMeta, { pace }: TrackingServices): Promise<void> {
  const job = shortJobId(roster.roster_id);
  if (job !== undefined && isStopped(roster) && isStopOver(roster)) await forgetInAllRegions(pace, job);
}

function completedData(roster: RosterMeta, manifestBucket: string): RosterCompleted['data'] {
  const { roster_id, members: total, provisioned, existing, failed } = roster;
  const common = { roster: roster_id, members: { total, provisioned, existing, failed } };
  if (roster.kind === 'live-event') return { kind: roster.kind, ...common, liveEvent: roster.live_event };
  const { bulk, rows, invalid_rows: invalid, repeated_rows: repeated } = roster;
  return {
    kind: roster.kind,
    ...common,
    bulk,
    rows: { total: rows, invalid, repeated },
    report: reportAddresses(roster_id, manifestBucket),
    ...(roster.stopped_at !== undefined && { stoppedAt: new Date(roster.stopped_at).toISOString() }),
  };
}
