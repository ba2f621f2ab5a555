import type { RosterMeta } from '../rosters/roster-item.ts';
import { createRoster } from '../rosters/roster-states.ts';
import type { BulkServices } from './bulk-services.ts';
import type { FileFormat } from './manifest-format.ts';
import type { ManifestNotice } from './manifest-notice.ts';
import { openManifest } from './manifest-object.ts';
import type { ReadSettings } from './manifest-settings.ts';
import type { NoticeDelivery } from './notice-delivery.ts';
import { type PlannedRow, planRows } from './plan-rows.ts';
import { readManifest } from './read-manifest.ts';
import type { ReaderItem } from './reader-item.ts';

/** The progress of this invocation. */
export interface Progress {
  /** Whether this invocation has stored any progress. */
  isStored: boolean;
}

/** One manifest that this invocation reads. */
export interface Reading {
  notice: ManifestNotice;
  jobId: string;
  /** The name from which the job's keys are generated. Absent for the first job of the content. */
  name?: string | undefined;
  /** The progress of earlier readers. */
  item: ReaderItem;
  leaseEndMs: number;
  delivery: NoticeDelivery;
  progress: Progress;
  services: BulkServices;
  signal: AbortSignal;
}

/** How earlier versions read every manifest. */
const AS_BEFORE: ReadSettings = { literal: true };

/** How a manifest was read when it was checked. */
export function readAsChecked({ read_as }: Pick<ReaderItem, 'read_as'>): ReadSettings {
  return read_as ?? AS_BEFORE;
}

/** Begins a pass over the rows of a manifest, from its beginning. If `signal` is aborted, the pass ends with an error. */
export async function openRows({ notice, jobId, name: given, item, services, signal }: Reading): Promise<{
  roster: RosterMeta;
  allOrNothing: boolean;
  readAs: ReadSettings;
  rows: AsyncGenerator<PlannedRow>;
  /** How the manifest is read. Known after the first row. */
  format(): FileFormat | undefined;
}> {
  const { clients, config, rosters, clock } = services;
  const { namespace: current, allOrNothing, settings, body } = await openManifest(clients.s3, notice, signal);
  const namespace = given ?? current;
  const bulk = describe(notice, namespace);
  const roster = await createRoster(rosters, { id: jobId, kind: 'bulk', bulk }, clock.nowMs()).catch((error) => {
    body.destroy();
    throw error;
  });
  // The name with which the job began. The object may have another name now, if the same content was uploaded again.
  const name = roster.kind === 'bulk' ? roster.bulk.name : namespace;
  const { defaultRegion, releases } = config;
  const { putAtMs: uploadedAtMs } = notice;
  const readAs = item.checked === undefined && item.read_as === undefined ? settings : readAsChecked(item);
  let format: FileFormat | undefined;
  const onFormat = (found: FileFormat) => {
    format = found;
  };
  const read = readManifest(body, notice.key, defaultRegion, { ...readAs, releases, uploadedAtMs, onFormat });
  const planned = planRows(read, { namespace: name, defaultRegion, uploadedAtMs });
  return { roster, allOrNothing, readAs, rows: until(signal, planned), format: () => format };
}

async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

/** The manifest and the name of a bulk job, as its roster stores them. */
export function describe({ bucket, key }: ManifestNotice, name: string): { manifest: string; name: string } {
  return { manifest: `s3://${bucket}/${key}`, name };
}
