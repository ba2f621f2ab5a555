import type { RosterMeta } from '../rosters/roster-item.ts';
import type { ManifestSettings } from './manifest-object.ts';
import { ALL_OR_NOTHING_METADATA, ENCODING_METADATA, LITERAL_METADATA } from './manifest-settings.ts';
import { isSameNamespace } from './plan-rows.ts';
import type { ReaderItem } from './reader-item.ts';

/**
 * Finds the settings that a later upload of the same content has changed without effect. They have no effect because the first check has
 * determined which rows the job requests. If the job was refused, it starts again with the new settings. An upload under another name is a
 * separate job. In both cases, there are no such settings.
 * @returns the names of the settings' metadata
 */
export function changedSettings(
  job: RosterMeta,
  { checked, read_as: before }: Pick<ReaderItem, 'checked' | 'read_as'>,
  { namespace, allOrNothing, settings }: ManifestSettings,
): string[] {
  if (job.kind !== 'bulk' || job.state === 'refused' || !isSameNamespace(job.bulk.name, namespace)) return [];
  // Either the manifest has not been checked yet, or an earlier version checked it and stored no settings.
  if (checked === undefined || before === undefined) return [];
  return [
    ...(settings.literal === before.literal ? [] : [LITERAL_METADATA]),
    ...(settings.encoding === before.encoding ? [] : [ENCODING_METADATA]),
    // With this setting, the manifest would have been refused when it was checked.
    ...(allOrNothing && checked.invalid > 0 ? [ALL_OR_NOTHING_METADATA] : []),
  ];
}
