import { rosterFailed } from '../contract/roster-announcements.ts';
import { isStopped } from '../rosters/is-stop-over.ts';
import { publishRosterEvent } from '../rosters/publish-roster-event.ts';
import { requestCheck } from '../rosters/roster-check.ts';
import type { RosterMeta } from '../rosters/roster-item.ts';
import { countMembers } from '../rosters/roster-members.ts';
import { createRoster, moveRoster, reopenRoster } from '../rosters/roster-states.ts';
import type { ManifestError } from './manifest-error.ts';
import { isLater, type ManifestNotice } from './manifest-notice.ts';
import { isSameNamespace, namespaceOf } from './plan-rows.ts';
import { PROGRESS } from './reader-item.ts';
import { describe, type Reading } from './reading.ts';

type BulkMeta = Extract<RosterMeta, { kind: 'bulk' }>;

/**
 * Announces why the manifest is refused, and then marks the job as refused. If the function crashes in between, the next attempt repeats
 * the announcement with the same id. If a job is reopened and refused again, the id of the new announcement is different: it is derived
 * from the notice that reopened the job. If the job is stopped, the tracker checks whether the workers must still know that it is stopped.
 * @returns the number of problems in the manifest, including those that the announcement does not list
 */
export async function refuseManifest(
  { notice, jobId, name, services }: Reading,
  error: ManifestError,
): Promise<number> {
  const { rosters, config, clock } = services;
  const bulk = describe(notice, name ?? namespaceOf(notice.key));
  const job = await createRoster(rosters, { id: jobId, kind: 'bulk', bulk }, clock.nowMs());
  const requested = await countMembers(rosters, jobId);
  const consequence = isStopped(job) ? 'was stopped before all of them were created' : 'greenroom still creates them';
  const remark = { path: '', message: `has already requested up to ${requested} rooms: ${consequence}` };
  const problems = requested > 0 ? [remark, ...error.problems] : error.problems;
  const reopenedBy = job.kind === 'bulk' ? job.reopened_by : undefined;
  const event = rosterFailed({
    stage: config.stage,
    rosterId: jobId,
    timeMs: clock.nowMs(),
    storedAtMs: job.created_at,
    occasion: reopenedBy === undefined ? 'manifest' : `manifest again ${reopenedBy}`,
    data: { kind: 'bulk', roster: jobId, bulk: job.kind === 'bulk' ? job.bulk : bulk },
    problems,
    problemsTotal: error.problemsTotal + problems.length - error.problems.length,
  });
  await publishRosterEvent(services, event);
  const { problems: listed, problemsTotal } = event.data;
  const why = { members: requested, problems: listed, problems_total: problemsTotal, refused_notice: seen(notice) };
  const refused = await moveRoster(rosters, job, 'refused', clock.nowMs(), why);
  if (isStopped(refused)) await requestCheck(services, jobId);
  return error.problemsTotal;
}

/**
 * Reopens a refused job if its manifest was uploaded again after the refusal. The job can then succeed, or be refused and announced again.
 * A copy of the refused notice, or an earlier notice that arrives late, changes nothing. Neither does a later upload under a name that
 * already has its own job, if the refused job has requested nothing.
 * @param namespace the manifest's current namespace; a job that has requested nothing is renamed to it
 * @returns the job as it is now
 */
export async function reopenIfLater(
  reading: Reading,
  job: BulkMeta,
  namespace: string | undefined,
): Promise<RosterMeta> {
  const { notice, jobId, leaseEndMs, services } = reading;
  const { rosters, readers, clock } = services;
  if (!isLater(notice, job.refused_notice, job.announced_at ?? job.created_at)) return job;
  // Only the members show whether anything was requested. The checkpoint does not: it is stored after the requests are sent, so a reader
  // that failed in between has stored none.
  const isUntouched = (await countMembers(rosters, jobId)) === 0;
  if (isUntouched) {
    const isTaken = (name: string) => namespace !== undefined && isSameNamespace(name, namespace);
    if ([...reading.item.names].some(isTaken)) return job;
    reading.item = await readers.forget(jobId, leaseEndMs, PROGRESS);
  }
  const bulk = describe(notice, isUntouched && namespace !== undefined ? namespace : job.bulk.name);
  const by = notice.sequencer ?? String(notice.putAtMs);
  return (await reopenRoster(rosters, jobId, { by, bulk, nowMs: clock.nowMs() })) ?? job;
}

function seen({ sequencer, putAtMs }: ManifestNotice): BulkMeta['refused_notice'] {
  return { ...(sequencer !== undefined && { sequencer }), ...(putAtMs !== undefined && { put_at: putAtMs }) };
}
