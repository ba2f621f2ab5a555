import type { RosterMeta } from '../rosters/roster-item.ts';
import { createRoster } from '../rosters/roster-states.ts';
import type { BulkServices } from './bulk-services.ts';
import type { ManifestNotice } from './manifest-notice.ts';
import { openManifest } from './manifest-object.ts';
import type { NoticeDelivery } from './notice-delivery.ts';
import { type PlannedRow, planRows } from './plan-rows.ts';
import { readManifest } from './read-manifest.ts';
import type { ReaderItem } from './reader-item.ts';

/** What this invocation has noted of a job. */
export interface Progress {
  /** Whether it got further with the manifest than those before. */
  isNoted: boolean;
}

/** One manifest that this invocation reads. */
export interface Reading {
  notice: ManifestNotice;
  jobId: string;
  /** The name that begins the job's keys, if it is not that of the content's first job. */
  name?: string | undefined;
  /** How far earlier readers came. */
  item: ReaderItem;
  leaseEndMs: number;
  delivery: NoticeDelivery;
  progress: Progress;
  services: BulkServices;
  signal: AbortSignal;
}

/** A pass over the rows of a manifest from its beginning. It ends with the invocation. */
export async function openRows({ notice, jobId, name: given, services, signal }: Reading): Promise<{
  roster: RosterMeta;
  allOrNothing: boolean;
  rows: AsyncGenerator<PlannedRow>;
}> {
  const { clients, config, rosters, clock } = services;
  const { namespace: current, allOrNothing, chunks } = await openManifest(clients.s3, notice, signal);
  const namespace = given ?? current;
  const roster = await createRoster(
    rosters,
    { id: jobId, kind: 'bulk', bulk: describe(notice, namespace) },
    clock.nowMs(),
  );
  // Not that of the object as it is now: the same content may have been put there again under another name.
  const name = roster.kind === 'bulk' ? roster.bulk.name : namespace;
  const planned = planRows(readManifest(chunks, notice.key), { namespace: name, defaultRegion: config.defaultRegion });
  return { roster, allOrNothing, rows: until(signal, planned) };
}

async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

/** How a roster names its manifest. */
export function describe({ bucket, key }: ManifestNotice, name: string): { manifest: string; name: string } {
  return { manifest: `s3://${bucket}/${key}`, name };
}
