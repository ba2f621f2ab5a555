import { requestCheck } from '../rosters/roster-check.ts';
import type { RosterMeta } from '../rosters/roster-item.ts';
import { readRoster, sealRoster } from '../rosters/roster-states.ts';
import type { BulkServices } from './bulk-services.ts';
import { checkManifest } from './check-manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { bulkJobId, type ManifestNotice, namedJobId } from './manifest-notice.ts';
import { currentNamespace } from './manifest-object.ts';
import type { NoticeDelivery } from './notice-delivery.ts';
import { type Checked, PROGRESS } from './reader-item.ts';
import { openRows, type Reading } from './reading.ts';
import { refuseManifest, reopenIfLater } from './refuse-manifest.ts';
import { type Answered, answeredOf, type Held, sendPass } from './send-pass.ts';

/** What became of one job. `unfinished`: another invocation is to go on, from that moment on. */
export type JobOutcome =
  | { kind: 'sealed'; rows: number }
  | { kind: 'refused'; problems: number }
  | { kind: 'known'; state: RosterMeta['state'] }
  | { kind: 'unfinished'; reason: 'another-reader' | 'deadline'; untilMs: number }
  | ({ kind: 'unfinished' } & Held)
  | { kind: 'failed'; error: unknown };

/** What one invocation did for a job. */
export interface JobResult {
  jobId: string;
  outcome: JobOutcome;
  /** When a reader last got on with it, if that is known. */
  progressedAtMs: number | undefined;
  /** Whether this invocation did. */
  hasProgressed: boolean;
}

/** The invocation, and the message that it was made for. */
interface Invocation {
  /** When the invocation is certainly over; until then no other reader takes the manifest. */
  deadlineMs: number;
  delivery: NoticeDelivery;
}

const GO_ON_AFTER_MS = 1_000;

/**
 * A manifest becomes a roster: every row is checked first, so that a manifest that cannot be taken leaves nothing behind; then
 * its rows are written and their requests sent, chunk by chunk with a checkpoint after each; at last the roster is sealed and
 * the tracker told. Whoever gets the same notice again goes on where the last one stopped.
 *
 * The same content, put there again, is the same job, which is begun again if it was refused; under another name it has other keys, and is
 * another job.
 * @returns the result of the content's first job, and those of its jobs under other names
 */
export async function runBulkJob(
  notice: ManifestNotice,
  invocation: Invocation,
  services: BulkServices,
  signal: AbortSignal,
): Promise<JobResult[]> {
  const jobId = bulkJobId(notice);
  const { names, ...first } = await runJob({ notice, jobId, services, signal }, invocation);
  const results: JobResult[] = [first];
  for (const name of names) {
    const named = { notice, jobId: namedJobId(notice, name), name, services, signal };
    const { names: _, ...result } = await runJob(named, invocation);
    results.push(result);
  }
  return results;
}

type Job = Omit<Reading, 'item' | 'leaseEndMs' | 'delivery' | 'progress'>;

/** `names`: under which the same content was put there again; each is a job of its own. */
interface Read {
  outcome: JobOutcome;
  names: ReadonlySet<string>;
}

/** Never throws: the failure of one job does not affect the others. */
async function runJob(job: Job, invocation: Invocation): Promise<JobResult & Read> {
  const { jobId, services, signal } = job;
  const { readers } = services;
  const progress = { isNoted: false };
  const result = await readAlone({ ...job, progress }, invocation).catch(async (error: unknown): Promise<Read> => {
    // The item could not be had, perhaps; it knows how long the trouble has lasted.
    await readers.read(jobId, signal).catch(() => undefined);
    return { outcome: { kind: 'failed', error }, names: new Set() };
  });
  return { jobId, ...result, progressedAtMs: readers.progressedAtMs(jobId), hasProgressed: progress.isNoted };
}

async function readAlone(job: Job & Pick<Reading, 'progress'>, { deadlineMs, delivery }: Invocation): Promise<Read> {
  const { jobId, services } = job;
  const { readers, clock } = services;
  const { free, item } = await readers.acquire(jobId, { nowMs: clock.nowMs(), endMs: deadlineMs });
  if (!free)
    return { outcome: { kind: 'unfinished', reason: 'another-reader', untilMs: item.lease_end }, names: new Set() };
  try {
    return await read({ ...job, item, leaseEndMs: deadlineMs, delivery });
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

async function read(reading: Reading): Promise<Read> {
  const { notice, jobId, name, services, signal } = reading;
  const readAtMs = services.clock.nowMs();
  const known = await readRoster(services.rosters, jobId);
  if (known?.kind !== 'bulk') {
    // There is a roster before there is any progress. So what there is of progress is that of a life that was forgotten.
    if (reading.item.checked !== undefined || reading.item.names.size > 0) reading.item = await forgetLife(reading);
    return { outcome: await readRows(reading, answeredOf(known, readAtMs)), names: new Set() };
  }
  // Its content may have been put there again, under another name even.
  const namespace = name ?? (await currentNamespace(services.clients.s3, notice, signal));
  const job = known.state === 'refused' ? await reopenIfLater(reading, known, namespace) : known;
  const outcome =
    job.state === 'open' ? await readRows(reading, answeredOf(job, readAtMs)) : await tellAgain(job, services);
  const isRefused = job.state === 'refused' || outcome.kind === 'refused';
  // The first later notice begins a refused job again, under its own name if nothing was asked for: nobody else may begin that name before.
  const current = isRefused ? undefined : namespace;
  return { outcome, names: name === undefined ? await namesOf(reading, job, current) : new Set() };
}

function forgetLife({ jobId, leaseEndMs, services }: Reading): Promise<Reading['item']> {
  return services.readers.forget(jobId, leaseEndMs, [...PROGRESS, 'names']);
}

/** The names under which a known job's content is to be read besides, now and before. @param namespace now; undefined: no new one */
async function namesOf(
  { jobId, item, services }: Reading,
  job: RosterMeta,
  namespace: string | undefined,
): Promise<ReadonlySet<string>> {
  const isOwn = namespace === undefined || (job.kind === 'bulk' && job.bulk.name === namespace);
  if (isOwn || item.names.has(namespace)) return item.names;
  return services.readers.addName(jobId, namespace);
}

async function readRows(reading: Reading, answered: Answered): Promise<JobOutcome> {
  const { item, services, signal } = reading;
  try {
    const checked = item.checked ?? (await check(reading));
    const pass = await sendPass(reading, answered);
    if (pass.kind === 'all-sent') return await seal(reading, checked);
    return { ...pass, kind: 'unfinished' };
  } catch (error) {
    if (error instanceof ManifestError) return { kind: 'refused', problems: await refuseManifest(reading, error) };
    if (!signal.aborted) throw error;
    return { kind: 'unfinished', reason: 'deadline', untilMs: services.clock.nowMs() + GO_ON_AFTER_MS };
  }
}

/** The first pass. @throws ManifestError if nothing of the manifest may be asked for */
async function check(reading: Reading): Promise<Checked> {
  const { services, jobId } = reading;
  const { rows, allOrNothing } = await openRows(reading);
  const { problems, problemsTotal, ...checked } = await checkManifest(rows);
  if (allOrNothing && checked.invalid > 0) throw new ManifestError(problems, problemsTotal);
  const noted = { checked, progressed_at: services.clock.nowMs() };
  if (await services.readers.note(jobId, reading.leaseEndMs, noted)) reading.progress.isNoted = true;
  return checked;
}

async function seal({ jobId, services }: Reading, { rows: total, invalid, repeated }: Checked): Promise<JobOutcome> {
  await sealRoster(services.rosters, jobId, { revision: 0, rows: { total, invalid, repeated } });
  await requestCheck(services, jobId);
  return { kind: 'sealed', rows: total };
}

/** The job was read to its end before. Its reader may have died before the tracker was told. */
async function tellAgain({ state, roster_id: jobId }: RosterMeta, services: BulkServices): Promise<JobOutcome> {
  if (state === 'sealed' || state === 'reported') await requestCheck(services, jobId);
  return { kind: 'known', state };
}
