import { rosterFailed } from '../../contract/roster-announcements.ts';
import { publishRosterEvent } from '../publish-roster-event.ts';
import { requestCheck } from '../roster-check.ts';
import type { RosterMeta } from '../roster-item.ts';
import type { BulkServices } from './bulk-services.ts';
import { checkManifest } from './check-manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { bulkJobId, type ManifestNotice } from './manifest-notice.ts';
import { namespaceOf } from './plan-rows.ts';
import type { Checked } from './reader-item.ts';
import { describe, openRows, type Reading } from './reading.ts';
import { answeredOf, sendTurn } from './send-turn.ts';

/** What became of one notice. `unfinished`: another invocation is to go on, from that moment on. */
export type JobOutcome =
  | { kind: 'sealed'; rows: number }
  | { kind: 'refused'; problems: number }
  | { kind: 'known'; state: RosterMeta['state'] }
  | {
      kind: 'unfinished';
      reason: 'another-reader' | 'deadline' | 'outstanding' | 'lane-full';
      /** Those with rows that there was no room for. */
      regions?: string[];
      untilMs: number;
    };

const GO_ON_AFTER_MS = 1_000;

/**
 * A manifest becomes a roster: every row is checked first, so that a manifest that can't be taken leaves nothing behind; then
 * its rows are written and their requests sent, chunk by chunk with a checkpoint after each; at last the roster is sealed and
 * the tracker told. Whoever gets the same notice again goes on where the last one stopped.
 *
 * @param deadlineMs when the invocation is certainly over; until then no other reader takes the manifest
 * @param receiveCount how often the message with the notice has been received
 */
export async function runBulkJob(
  notice: ManifestNotice,
  { deadlineMs, receiveCount }: { deadlineMs: number; receiveCount: number },
  services: BulkServices,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { readers, clock } = services;
  const jobId = bulkJobId(notice);
  const { free, item } = await readers.acquire(jobId, { nowMs: clock.nowMs(), endMs: deadlineMs });
  if (!free) return { kind: 'unfinished', reason: 'another-reader', untilMs: item.lease_end };
  try {
    return await read({ notice, jobId, item, leaseEndMs: deadlineMs, receiveCount, services, signal });
  } finally {
    await release(jobId, deadlineMs, services);
  }
}

/**
 * Gives the manifest back, also after a failure: whoever tries again need not wait for the end of the lease. It never throws, which
 * would put its error in the place of the reason; a lease that could not be given back ends with the invocation.
 */
async function release(jobId: string, leaseEndMs: number, { readers, log }: BulkServices): Promise<void> {
  try {
    await readers.note(jobId, leaseEndMs, { lease_end: 0 });
  } catch (error) {
    log.warn('A manifest was not given back', { job: jobId, error: String(error) });
  }
}

async function read(reading: Reading): Promise<JobOutcome> {
  const { jobId, item, services, signal } = reading;
  const { rosters, clock } = services;
  const readAtMs = clock.nowMs();
  const known = await rosters.read(jobId);
  if (known !== undefined && known.state !== 'open') return tellAgain(known, services);
  try {
    const checked = item.checked ?? (await check(reading));
    const turn = await sendTurn(reading, answeredOf(known, readAtMs));
    if (turn.kind === 'all-sent') return await seal(reading, checked);
    return { ...turn, kind: 'unfinished' };
  } catch (error) {
    if (error instanceof ManifestError) return refuse(reading, error);
    if (!signal.aborted) throw error;
    return { kind: 'unfinished', reason: 'deadline', untilMs: clock.nowMs() + GO_ON_AFTER_MS };
  }
}

/** The first pass. @throws ManifestError if nothing of the manifest may be asked for */
async function check(reading: Reading): Promise<Checked> {
  const { services, jobId } = reading;
  const { rows, allOrNothing } = await openRows(reading);
  const { problems, problemsTotal, ...checked } = await checkManifest(rows);
  if (allOrNothing && checked.invalid > 0) throw new ManifestError(problems, problemsTotal);
  await services.readers.note(jobId, reading.leaseEndMs, { checked });
  return checked;
}

async function seal({ jobId, services }: Reading, { rows: total, invalid, repeated }: Checked): Promise<JobOutcome> {
  await services.rosters.seal(jobId, { revision: 0, rows: { total, invalid, repeated } });
  await requestCheck(services, jobId);
  return { kind: 'sealed', rows: total };
}

/** The job was read to its end before. Its reader may have died before the tracker was told. */
async function tellAgain({ state, roster_id: jobId }: RosterMeta, services: BulkServices): Promise<JobOutcome> {
  if (state === 'sealed' || state === 'reported') await requestCheck(services, jobId);
  return { kind: 'known', state };
}

/** Announces why the manifest can't be taken; the mark comes last, so that whoever goes on announces it again. */
async function refuse({ notice, jobId, item, services }: Reading, error: ManifestError): Promise<JobOutcome> {
  const { rosters, config, clock } = services;
  const bulk = describe(notice, namespaceOf(notice.key));
  const job = await rosters.create({ id: jobId, kind: 'bulk', bulk }, clock.nowMs());
  const asked = { path: '', message: `${item.done} rows were asked for before; their rooms are made all the same` };
  const problems = item.done > 0 ? [asked, ...error.problems] : error.problems;
  const event = rosterFailed({
    stage: config.stage,
    rosterId: jobId,
    timeMs: clock.nowMs(),
    occasion: 'manifest',
    data: { kind: 'bulk', roster: jobId, bulk: job.kind === 'bulk' ? job.bulk : bulk },
    problems,
    problemsTotal: error.problemsTotal + problems.length - error.problems.length,
  });
  await publishRosterEvent(services, event);
  const { problems: listed, problemsTotal } = event.data;
  await rosters.move(job, 'refused', clock.nowMs(), { problems: listed, problems_total: problemsTotal });
  return { kind: 'refused', problems: error.problemsTotal };
}
