import { rosterFailed } from '../contract/roster-announcements.ts';
import { publishRosterEvent } from '../rosters/publish-roster-event.ts';
import type { RosterMeta } from '../rosters/roster-item.ts';
import { countMembers } from '../rosters/roster-members.ts';
import { createRoster, moveRoster, reopenRoster } from '../rosters/roster-states.ts';
import type { ManifestError } from './manifest-error.ts';
import { isLater, type ManifestNotice } from './manifest-notice.ts';
import { namespaceOf } from './plan-rows.ts';
import { PROGRESS } from './reader-item.ts';
import { describe, type Reading } from './reading.ts';

type BulkMeta = Extract<RosterMeta, { kind: 'bulk' }>;

/**
 * Announces why the manifest cannot be taken; the mark comes last, so that whoever goes on announces it again. The refusal of a
 * job that was begun again is another event than its first one, and the same for every try of the notice that began it.
 * @returns how many problems there are
 */
export async function refuseManifest(
  { notice, jobId, name, services }: Reading,
  error: ManifestError,
): Promise<number> {
  const { rosters, config, clock } = services;
  const bulk = describe(notice, name ?? namespaceOf(notice.key));
  const job = await createRoster(rosters, { id: jobId, kind: 'bulk', bulk }, clock.nowMs());
  const askedFor = await countMembers(rosters, jobId);
  const asked = { path: '', message: `up to ${askedFor} rooms were asked for before; they are made all the same` };
  const problems = askedFor > 0 ? [asked, ...error.problems] : error.problems;
  const reopenedBy = job.kind === 'bulk' ? job.reopened_by : undefined;
  const event = rosterFailed({
    stage: config.stage,
    rosterId: jobId,
    timeMs: clock.nowMs(),
    lifeMs: job.created_at,
    occasion: reopenedBy === undefined ? 'manifest' : `manifest again ${reopenedBy}`,
    data: { kind: 'bulk', roster: jobId, bulk: job.kind === 'bulk' ? job.bulk : bulk },
    problems,
    problemsTotal: error.problemsTotal + problems.length - error.problems.length,
  });
  await publishRosterEvent(services, event);
  const { problems: listed, problemsTotal } = event.data;
  const why = { problems: listed, problems_total: problemsTotal, refused_notice: seen(notice) };
  await moveRoster(rosters, job, 'refused', clock.nowMs(), why);
  return error.problemsTotal;
}

/**
 * Begins a refused job again if its manifest was put there again since: it may succeed now, or be refused anew, which is announced anew.
 * A copy of the notice that was refused, or one that this notice has overtaken, changes nothing; nor does one of an upload under a name that
 * has a job of its own, if this one has asked for nothing.
 * @param namespace that of the manifest now; a job that has asked for nothing takes it on
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
  // Not told by a checkpoint, which is noted after the requests are sent: whoever failed in between has noted nothing.
  const isUntouched = (await countMembers(rosters, jobId)) === 0;
  if (isUntouched) {
    if (namespace !== undefined && reading.item.names.has(namespace)) return job;
    reading.item = await readers.forget(jobId, leaseEndMs, PROGRESS);
  }
  const bulk = describe(notice, isUntouched && namespace !== undefined ? namespace : job.bulk.name);
  const by = notice.sequencer ?? String(notice.putAtMs);
  return (await reopenRoster(rosters, jobId, { by, bulk, nowMs: clock.nowMs() })) ?? job;
}

function seen({ sequencer, putAtMs }: ManifestNotice): BulkMeta['refused_notice'] {
  return { ...(sequencer !== undefined && { sequencer }), ...(putAtMs !== undefined && { put_at: putAtMs }) };
}
