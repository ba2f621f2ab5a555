import { rosterFailed } from '../../contract/roster-announcements.ts';
import { publishRosterEvent } from '../publish-roster-event.ts';
import { requestCheck } from '../roster-check.ts';
import type { RosterMeta } from '../roster-item.ts';
import type { BulkServices } from './bulk-services.ts';
import { checkManifest } from './check-manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { bulkJobId, type ManifestNotice } from './manifest-notice.ts';
import { openManifest } from './manifest-object.ts';
import { namespaceOf, type PlannedRow, planRows } from './plan-rows.ts';
import { readManifest } from './read-manifest.ts';
import type { Checked, ReaderItem } from './reader-item.ts';
import { CHUNK_ROWS, sendRows } from './send-rows.ts';

/** What became of one notice. `unfinished`: another invocation is to go on, from that moment on. */
export type JobOutcome =
  | { kind: 'sealed'; rows: number }
  | { kind: 'refused'; problems: number }
  | { kind: 'known'; state: RosterMeta['state'] }
  | { kind: 'unfinished'; reason: 'another-reader' | 'deadline'; untilMs: number };

/** One manifest that this invocation reads. */
interface Reading {
  notice: ManifestNotice;
  jobId: string;
  /** How far earlier readers came. */
  item: ReaderItem;
  leaseEndMs: number;
  services: BulkServices;
  signal: AbortSignal;
}

const GO_ON_AFTER_MS = 1_000;

/**
 * A manifest becomes a roster: every row is checked first, so that a manifest that can't be taken leaves nothing behind; then
 * its rows are written and their requests sent, chunk by chunk with a checkpoint after each; at last the roster is sealed and
 * the tracker told. Whoever gets the same notice again goes on where the last one stopped.
 *
 * @param deadlineMs when the invocation is certainly over; until then no other reader takes the manifest
 */
export async function runBulkJob(
  notice: ManifestNotice,
  deadlineMs: number,
  services: BulkServices,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { readers, clock } = services;
  const jobId = bulkJobId(notice);
  const { free, item } = await readers.acquire(jobId, { nowMs: clock.nowMs(), endMs: deadlineMs });
  if (!free) return { kind: 'unfinished', reason: 'another-reader', untilMs: item.lease_end };
  try {
    return await read({ notice, jobId, item, leaseEndMs: deadlineMs, services, signal });
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
  const known = await services.rosters.read(jobId);
  if (known !== undefined && known.state !== 'open') return tellAgain(known, services);
  try {
    const checked = item.checked ?? (await check(reading));
    await sendAll(reading, item.done);
    return await seal(reading, checked);
  } catch (error) {
    if (error instanceof ManifestError) return refuse(reading, error);
    if (!signal.aborted) throw error;
    return { kind: 'unfinished', reason: 'deadline', untilMs: services.clock.nowMs() + GO_ON_AFTER_MS };
  }
}

/** The first pass. @throws ManifestError if nothing of the manifest may be asked for */
async function check(reading: Reading): Promise<Checked> {
  const { services, jobId } = reading;
  const { rows, allOrNothing } = await open(reading);
  const { problems, problemsTotal, ...checked } = await checkManifest(rows);
  if (allOrNothing && checked.invalid > 0) throw new ManifestError(problems, problemsTotal);
  await services.readers.note(jobId, reading.leaseEndMs, { checked });
  return checked;
}

/** The second pass. `done`: rows that earlier readers have sent; they are read again, because the keys of equal rows hang on them. */
async function sendAll(reading: Reading, done: number): Promise<void> {
  const { services, jobId, leaseEndMs, signal } = reading;
  const { rows } = await open(reading);
  for await (const chunk of inChunks(rows, done)) {
    await sendRows(jobId, chunk, services, signal);
    await services.readers.note(jobId, leaseEndMs, { done: chunk.at(-1)?.place ?? done });
  }
}

async function* inChunks(rows: AsyncIterable<PlannedRow>, done: number): AsyncGenerator<PlannedRow[]> {
  let chunk: PlannedRow[] = [];
  for await (const row of rows) {
    if (row.place <= done) continue;
    chunk.push(row);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** A pass over the rows of a manifest from its beginning. It ends with the invocation. */
async function open({ notice, jobId, services, signal }: Reading) {
  const { clients, config, rosters, clock } = services;
  const { namespace, allOrNothing, chunks } = await openManifest(clients.s3, notice, signal);
  const roster = await rosters.create({ id: jobId, kind: 'bulk', bulk: describe(notice, namespace) }, clock.nowMs());
  // Not that of the object as it is now: the same content may have been put there again under another name.
  const name = roster.kind === 'bulk' ? roster.bulk.name : namespace;
  const planned = planRows(readManifest(chunks, notice.key), { namespace: name, defaultRegion: config.defaultRegion });
  return { allOrNothing, rows: until(signal, planned) };
}

async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
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

function describe({ bucket, key }: ManifestNotice, name: string): { manifest: string; name: string } {
  return { manifest: `s3://${bucket}/${key}`, name };
}
