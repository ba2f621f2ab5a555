import * as z from 'zod';
import { isRoomArn } from '../client/operate/find-rooms.ts';
import { typed } from '../client/typed-command.ts';
import { keyEdgeProblems } from '../lib/contract/key-edges.ts';
import { problemsOf } from '../lib/contract/problems.ts';
import { REGIONS, type Region } from '../lib/contract/regions.ts';
import { releaseCommandSchema } from '../lib/contract/release-command.ts';
import { UsageError } from './usage.ts';

const regions = z.union([z.literal(true), z.enum(REGIONS)]).exactOptional();

export const releaseOptionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  job: z.string().exactOptional(),
  manifest: z.string().exactOptional(),
  event: z.string().exactOptional(),
  stop: regions,
  resume: regions,
  at: z.number().exactOptional(),
  keep: z.boolean().default(false),
  tenant: z.string().exactOptional(),
  dryRun: z.boolean().default(false),
  confirm: z.number().exactOptional(),
  yes: z.boolean().default(false),
  wait: z.boolean().default(false),
  timeout: z.number(),
  output: z.string().exactOptional(),
  json: z.boolean().default(false),
  name: z.string().exactOptional(),
  encoding: z.string().exactOptional(),
  literal: z.boolean().default(false),
});

export type ReleaseOptions = z.infer<typeof releaseOptionsSchema>;

/** The rooms that a user names. */
export type RoomSelection =
  | { kind: 'keys'; keys: readonly string[] }
  | { kind: 'job' | 'event'; id: string }
  | { kind: 'manifest'; file: string };

export interface StopSelection {
  kind: 'stop' | 'resume';
  regions: readonly Region[];
}

/** The task that the options describe. @throws UsageError unless they describe exactly one task, or a key or tenant is invalid */
export function selectionOf(keys: readonly string[], options: ReleaseOptions): RoomSelection | StopSelection {
  const { job, manifest, event, stop, resume } = options;
  const rooms: RoomSelection[] = [
    ...(keys.length > 0 ? [{ kind: 'keys' as const, keys }] : []),
    ...(job === undefined ? [] : [{ kind: 'job' as const, id: job }]),
    ...(manifest === undefined ? [] : [{ kind: 'manifest' as const, file: manifest }]),
    ...(event === undefined ? [] : [{ kind: 'event' as const, id: event }]),
  ];
  const stops: StopSelection[] = [
    ...(stop === undefined ? [] : [{ kind: 'stop' as const, regions: stop === true ? REGIONS : [stop] }]),
    ...(resume === undefined ? [] : [{ kind: 'resume' as const, regions: resume === true ? REGIONS : [resume] }]),
  ];
  const [selection, another] = [...rooms, ...stops];
  if (selection === undefined || another !== undefined)
    throw new UsageError('give exactly one of keys, --job, --manifest, --event, --stop and --resume');
  checkCombination(selection, options);
  refuseInvalid(keys, options);
  return selection;
}

function checkCombination({ kind, ...selection }: RoomSelection | StopSelection, options: ReleaseOptions): void {
  const { at, keep, dryRun, wait, name, tenant, yes, confirm, output } = options;
  if (kind === 'stop' || kind === 'resume') {
    const others = {
      '--at': at,
      '--keep': keep,
      '--tenant': tenant,
      '--dry-run': dryRun,
      '--wait': wait,
      '--yes': yes,
    };
    const given = Object.entries({ ...others, '--confirm': confirm, '--output': output })
      .filter(([, value]) => value !== undefined && value !== false)
      .map(([flag]) => flag);
    if (given.length > 0) throw new UsageError(`${given.join(' and ')}: no effect with --${kind}`);
    return;
  }
  if (keep && at !== undefined) throw new UsageError('--keep and --at cannot be used together');
  if (dryRun && wait) throw new UsageError('--wait has no effect with --dry-run');
  if ('file' in selection && selection.file === '-' && name === undefined)
    throw new UsageError('standard input has no name for the keys of rows without a key: give --name');
}

/** @throws UsageError that lists all problems of the keys and the tenant, because greenroom would refuse the commands */
function refuseInvalid(keys: readonly string[], { tenant }: ReleaseOptions): void {
  const { idempotencyKey, tenant: tenantSchema } = releaseCommandSchema.shape;
  const problems = [
    ...keys.flatMap((key) =>
      problemsOfKey(key, idempotencyKey).map((problem) => `the key ${JSON.stringify(key)} ${problem}`),
    ),
    ...(tenant === undefined ? [] : problemsIn(tenantSchema, tenant).map((problem) => `the tenant ${problem}`)),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('; '));
}

function problemsOfKey(key: string, schema: z.core.$ZodType): string[] {
  if (isRoomArn(key)) return [`is the ARN of a room: ${typed('status ARN')} shows its key`];
  return [...problemsIn(schema, key), ...keyEdgeProblems('', key).map(({ message }) => message)];
}

function problemsIn(schema: z.core.$ZodType, value: string): string[] {
  const { error } = z.safeParse(schema, value);
  return error ? problemsOf(error, schema).map(({ message }) => message) : [];
}
