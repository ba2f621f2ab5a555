import { transact } from '../platform/transact.ts';
import { MEMBERS_AT_ONCE, stopMembers } from '../rosters/stop-members.ts';
import type { PlannedRow } from './plan-rows.ts';
import { openRows, type Reading } from './reading.ts';
import { isHandled, jobEndMs, regionOf } from './send-pass.ts';
import { memberOf, type RequestRow, sendRequests, writeOf } from './send-rows.ts';

/**
 * Settles those rows of a stopped job that no checkpoint covers. A row that was never requested gets its outcome here, without a request:
 * it fails with the reason `stopped`. If a reader has crashed after it wrote a row, the request may already have been sent. Only the ledger
 * knows whether its room exists, so the request is sent, possibly a second time, and a worker answers it.
 */
export async function stopPass(reading: Reading): Promise<void> {
  const { roster, rows } = await openRows(reading);
  const neededByMs = jobEndMs(roster);
  let handled = 0;
  let chunk: PlannedRow[] = [];
  const end = async () => {
    await endRows(reading, chunk, neededByMs);
    handled += chunk.length;
    await store(reading, chunk, handled);
    chunk = [];
  };
  for await (const row of rows) {
    if (isHandled(row, reading.item)) {
      handled += 1;
      continue;
    }
    chunk.push(row);
    if (chunk.length === MEMBERS_AT_ONCE) await end();
  }
  if (chunk.length > 0) await end();
}

async function endRows(reading: Reading, rows: readonly PlannedRow[], neededByMs: number): Promise<void> {
  const { jobId, services, signal } = reading;
  const requests = rows.filter((row): row is RequestRow => row.kind === 'request');
  const others = rows.filter(({ kind }) => kind !== 'request');
  const nowMs = services.clock.nowMs();
  const writes = others.map((row) => writeOf(jobId, row, nowMs, services));
  if (writes.length > 0) await transact(services.clients.dynamodb, writes, { ...services, signal });
  const open = new Set((await stopMembers(jobId, requests.map(memberOf), services, signal)).map(({ place }) => place));
  const perhapsSent = requests.filter(({ place }) => open.has(place));
  await sendRequests(jobId, perhapsSent, neededByMs, services, signal);
}

/** Stores the checkpoint of each region of the chunk. If the reader crashes before this write, the next reader settles the rows again. */
async function store(
  { jobId, services, leaseEndMs, item, progress }: Reading,
  chunk: PlannedRow[],
  handled: number,
): Promise<void> {
  const { clock, readers } = services;
  for (const row of chunk) {
    const name = regionOf(row);
    item.regions[name] = { ...item.regions[name], place: row.place };
  }
  const { regions } = item;
  if (await readers.store(jobId, leaseEndMs, { regions, handled, progressed_at: clock.nowMs() }))
    progress.isStored = true;
}
