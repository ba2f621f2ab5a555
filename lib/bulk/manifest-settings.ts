/** The uploader's settings, as S3 metadata. */
export const NAME_METADATA = 'greenroom-name';
export const ALL_OR_NOTHING_METADATA = 'greenroom-all-or-nothing';
export const ENCODING_METADATA = 'greenroom-encoding';
export const LITERAL_METADATA = 'greenroom-literal';

/** The settings with which the sender of a manifest describes its content. */
export interface ReadSettings {
  /** The encoding, as a label of the Encoding Standard. Without it, the manifest must be UTF-8, or show that it is UTF-16. */
  encoding?: string;
  /** Whether each cell of a CSV file is accepted exactly as it is, even if it looks like a missing value, a damaged number or a header. */
  literal: boolean;
}
