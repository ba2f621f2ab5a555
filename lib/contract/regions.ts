/** The regions that have IVS Chat: https://docs.aws.amazon.com/general/latest/gr/ivs.html */
export const REGIONS = [
  'us-east-1',
  'us-west-2',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'eu-central-1',
  'eu-west-1',
] as const;

export type Region = (typeof REGIONS)[number];

/** The region of this name; undefined if it has no IVS Chat. */
export function regionNamed(name: string | undefined): Region | undefined {
  return REGIONS.find((region) => region === name);
}
