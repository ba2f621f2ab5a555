import { isStopped } from '../rosters/is-stop-over.ts';
import { requestCheck } from '../rosters/roster-check.ts';
import type { RosterMeta } from '../rosters/roster-item.ts';
import { readRoster, sealRoster } from '../rosters/roster-states.ts';
import type { BulkServices } from './bulk-services.ts';
import { changedSettings } from './changed-settings.ts';
import { checkManifest } from './check-manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { flatFormat } from './manifest-format.ts';
import { bulkJobId, laterJobId, type ManifestNotice, namedJobId } from './manifest-notice.ts';
import { currentSettings } from './manifest-object.ts';
import type { NoticeDelivery } from './notice-delivery.ts';
import { isSameNamespace } from './plan-rows.ts';
import { type Checked, PROGRESS } from './reader-item.ts';
import { openRows, type Reading } from './reading.ts';
import { refuseManifest, reopenIfLater } from './refuse-manifest.ts';
import { type Answered, answeredOf, type Held, type PassOutcome, sendPass } from './send-pass.ts';
import { stopPass } from './stop-pass.ts';

/** The outcome of one job in this invocation. `unfinished`: another invocation continues, but not before `untilMs`. */
export type JobOutcome =
  | { kind: 'sealed'; rows: number }
  | { kind: 'refused'; problems: number }
  | { kind: 'known'; state: RosterMeta['state'] }
  | { kind: 'unfinished'; reason: 'another-reader' | 'deadline'; untilMs: number }
  | ({ kind: 'unfinished' } & Held)
  | { kind: 'failed'; error: unknown };

/** The result of one invocation for a job. */
export interface JobResult {
  jobId: string;
  outcome: JobOutcome;
  /** When a reader last made progress, if that is known. */
  progressedAtMs: number | undefined;
  /** Whether this invocation made progress. */
  hasProgressed: boolean;
}

/** The invocation, and the message that it handles. */
interface Invocation {
  /** The latest time at which the invocation ends. Until then, no other reader can acquire the lease, unless this reader releases it. */
  deadlineMs: number;
  delivery: NoticeDelivery;
}

const CONTINUE_AFTER_MS = 1_000;

/**
 * Turns a manifest into a roster. First the reader checks every row, so that a refused manifest leaves no requests behind. Then
 * it writes the rows and sends their requests, chunk by chunk with a checkpoint after each. Finally it seals the roster and
 * requests a check from the tracker. The next delivery of the notice continues where the last one stopped.
 *
 * If the same content is uploaded again, it belongs to the same job, which is reopened if it was refused. Under another name the rows have
 * different keys, so the upload is an additional job. An upload after the job was stopped is an additional job, too.
 * @returns the result of the content's first job, and those of its additional jobs
 */
export async function runBulkJob(
  notice: ManifestNotice,
  invocation: Invocation,
  services: BulkServices,
  signal: AbortSignal,
): Promise<JobResult[]> {
  const { names, results } = await runInTurn({ notice, jobId: bulkJobId(notice), services, signal }, invocation);
  for (const name of names) {
    const named = { notice, jobId: namedJobId(notice, name), name, services, signal };
    results.push(...(await runInTurn(named, invocation)).results);
  }
  return results;
}

/** Runs a job. If the manifest was uploaded again after the job was stopped, runs the job of that upload, too. */
async function runInTurn(
  first: Job,
  invocation: Invocation,
): Promise<{ results: JobResult[]; names: ReadonlySet<string> }> {
  const results: JobResult[] = [];
  for (let job = first; ; ) {
    const { names, next, ...result } = await runJob(job, invocation);
    results.push(result);
    if (next === undefined) return { results, names };
    job = { ...job, jobId: next };
  }
}

type Job = Omit<Reading, 'item' | 'leaseEndMs' | 'delivery' | 'progress'>;

/**
 * `names`: other names under which the same content was uploaded. Each is a separate job. `next`: the id of the job of an upload that came
 * after this job was stopped.
 */
interface Read {
  outcome: JobOutcome;
  names: ReadonlySet<string>;
  next?: string;
}

/** Never throws: the failure of one job does not affect the others. */
async function runJob(job: Job, invocation: Invocation): Promise<JobResult & Read> {
  const { jobId, services, signal } = job;
  const { readers } = services;
  const progress = { isStored: false };
  const result = await readAlone({ ...job, progress }, invocation).catch(async (error: unknown): Promise<Read> => {
    // The item shows how long the problem has lasted. It is absent if the failure occurred before the item was read.
    await readers.read(jobId, signal).catch(() => undefined);
    return { outcome: { kind: 'failed', error }, names: new Set() };
  });
  return { jobId, ...result, progressedAtMs: readers.progressedAtMs(jobId), hasProgressed: progress.isStored };
}

async function readAlone(job: Job & Pick<Reading, 'progress'>, { deadlineMs, delivery }: Invocation): Promise<Read> {
  const { notice, jobId, services } = job;
  const { readers, clock } = services;
  const { free, item } = await readers.acquire(jobId, { nowMs: clock.nowMs(), endMs: deadlineMs, notice });
  if (!free)
    return { outcome: { kind: 'unfinished', reason: 'another-reader', untilMs: item.lease_end }, names: new Set() };
  try {
    return await read({ ...job, item, leaseEndMs: deadlineMs, delivery });
  } finally {
    await release(jobId, deadlineMs, services);
  }
}

/**
 * Releases the lease on the manifest, even after a failure, so that the next reader does not have to wait until the lease expires. Never
 * throws, because a second error would hide the first one. A lease that could not be released expires when the invocation ends.
 */
async function release(jobId: string, leaseEndMs: number, { readers, log }: BulkServices): Promise<void> {
  try {
    await readers.store(jobId, leaseEndMs, { lease_end: 0 });
  } catch (error) {
    log.warn('The lease on a manifest could not be released', { job: jobId, error: String(error) });
  }
}

async function read(reading: Reading): Promise<Read> {
  const { notice, jobId, name, services, signal } = reading;
  const readAtMs = services.clock.nowMs();
  const known = await readRoster(services.rosters, jobId);
  if (known?.kind !== 'bulk') {
    // A job's roster is written before its progress. Progress without a roster is left over from an earlier job, whose retention period has
    // ended.
    if (reading.item.checked !== undefined || reading.item.names.size > 0)
      reading.item = await forgetEarlierJob(reading);
    return { outcome: await readRows(reading, answeredOf(known, readAtMs)), names: new Set() };
  }
  if (isUploadedAfterStop(notice, known)) {
    const outcome =
      known.state === 'open'
        ? await readRows(reading, answeredOf(known, readAtMs))
        : await requestCheckAgain(known, services);
    return { outcome, names: reading.item.names, next: laterJobId(jobId, known.stopped_at) };
  }
  // The content may have been uploaded again, perhaps with other metadata.
  const now = name === undefined ? await currentSettings(services.clients.s3, notice, signal) : undefined;
  const namespace = name ?? now?.namespace;
  const changed = now === undefined ? [] : changedSettings(known, reading.item, now);
  if (changed.length > 0) services.log.warn('Changed settings of a manifest have no effect', { job: jobId, changed });
  const job = known.state === 'refused' ? await reopenIfLater(reading, known, namespace) : known;
  const outcome =
    job.state === 'open' ? await readRows(reading, answeredOf(job, readAtMs)) : await requestCheckAgain(job, services);
  const isRefused = job.state === 'refused' || outcome.kind === 'refused';
  // A later upload of a refused manifest reopens its job, and renames it if nothing was requested. A new name therefore needs no additional
  // job.
  const current = isRefused ? undefined : namespace;
  return { outcome, names: name === undefined ? await namesOf(reading, job, current) : new Set() };
}

/** Whether the manifest was uploaded again after an operator had stopped its job. A stop is final, so the upload is another job. */
function isUploadedAfterStop<Job extends RosterMeta & { kind: 'bulk' }>(
  { putAtMs }: ManifestNotice,
  job: Job,
): job is Job & { stopped_at: number } {
  return putAtMs !== undefined && job.stopped_at !== undefined && putAtMs > job.stopped_at;
}

function forgetEarlierJob({ jobId, leaseEndMs, services }: Reading): Promise<Reading['item']> {
  return services.readers.forget(jobId, leaseEndMs, [...PROGRESS, 'names']);
}

/** The other names under which the content of a known job must be read. @param namespace the current name; undefined: add none */
async function namesOf(
  { jobId, item, services }: Reading,
  job: RosterMeta,
  namespace: string | undefined,
): Promise<ReadonlySet<string>> {
  const isOwn = namespace === undefined || (job.kind === 'bulk' && isSameNamespace(job.bulk.name, namespace));
  if (isOwn || [...item.names].some((name) => isSameNamespace(name, namespace))) return item.names;
  return services.readers.addName(jobId, namespace);
}

async function readRows(reading: Reading, answered: Answered): Promise<JobOutcome> {
  const { item, services, signal } = reading;
  try {
    const checked = item.checked ?? (await check(reading));
    const pass = await sendOrStop(reading, answered);
    return pass.kind === 'held' ? { ...pass, kind: 'unfinished' } : await seal(reading, checked);
  } catch (error) {
    if (error instanceof ManifestError) return { kind: 'refused', problems: await refuseManifest(reading, error) };
    if (!signal.aborted) throw error;
    return { kind: 'unfinished', reason: 'deadline', untilMs: services.clock.nowMs() + CONTINUE_AFTER_MS };
  }
}

/** Sends rows. If an operator has stopped the job, ends the remaining rows instead. */
async function sendOrStop(reading: Reading, answered: Answered): Promise<PassOutcome> {
  if (!answered.isStopped) {
    const pass = await sendPass(reading, answered);
    if (pass.kind !== 'stopped') return pass;
    // Read the checkpoints that the interrupted pass has stored.
    reading.item = (await reading.services.readers.read(reading.jobId, reading.signal)) ?? reading.item;
  }
  await stopPass(reading);
  return { kind: 'stopped' };
}

/** The first pass, which checks all rows. @throws ManifestError if the whole manifest must be refused */
async function check(reading: Reading): Promise<Checked> {
  const { services, jobId } = reading;
  const { rows, allOrNothing, readAs, format } = await openRows(reading);
  const { problems, problemsTotal, ...checked } = await checkManifest(rows);
  services.log.info('Manifest checked', { job: jobId, ...flatFormat(format()), ...checked });
  reading.item.read_as = readAs;
  if (allOrNothing && checked.invalid > 0) throw new ManifestError(problems, problemsTotal);
  const progress = { checked, read_as: readAs, progressed_at: services.clock.nowMs() };
  if (await services.readers.store(jobId, reading.leaseEndMs, progress)) reading.progress.isStored = true;
  return checked;
}

async function seal({ jobId, services }: Reading, { rows: total, invalid, repeated }: Checked): Promise<JobOutcome> {
  await sealRoster(services.rosters, jobId, { revision: 0, rows: { total, invalid, repeated } });
  await requestCheck(services, jobId);
  return { kind: 'sealed', rows: total };
}

/** The manifest was already read to its end, or refused. The reader may have crashed before it requested the tracker's check. */
async function requestCheckAgain(roster: RosterMeta, services: BulkServices): Promise<JobOutcome> {
  const { state, roster_id: jobId } = roster;
  const isUnchecked = state === 'sealed' || state === 'reported' || (state === 'refused' && isStopped(roster));
  if (isUnchecked) await requestCheck(services, jobId);
  return { kind: 'known', state };
}
