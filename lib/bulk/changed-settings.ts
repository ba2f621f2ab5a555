import type { RosterMeta } from '../rosters/roster-item.ts';
import type { ManifestSettings } from './manifest-object.ts';
import { ALL_OR_NOTHING_METADATA, ENCODING_METADATA, LITERAL_METADATA } from './manifest-settings.ts';
import { isSameNamespace } from './plan-rows.ts';
import type { ReaderItem } from './reader-item.ts';

/**
 * The settings that a later upload of the same content has changed, and that have no effect, because it is already determined which rows
 * the job requests. Empty for a refused job, which starts again with the new settings, and for another name, which is a separate job.
 * @returns the names of their metadata
 */
export function changedSettings(
  job: RosterMeta,
  { checked, read_as: before }: Pick<ReaderItem, 'checked' | 'read_as'>,
  { namespace, allOrNothing, settings }: ManifestSettings,
): string[] {
  if (job.kind !== 'bulk' || job.state === 'refused' || !isSameNamespace(job.bulk.name, namespace)) return [];
  // A job that a version without these settings has checked did not store them.
  if (checked === undefined || before === undefined) return [];
  return [
    ...(settings.literal === before.literal ? [] : [LITERAL_METADATA]),
    ...(settings.encoding === before.encoding ? [] : [ENCODING_METADATA]),
    // With this setting, the manifest would have been refused when it was checked.
    ...(allOrNothing && checked.invalid > 0 ? [ALL_OR_NOTHING_METADATA] : []),
  ];
}
