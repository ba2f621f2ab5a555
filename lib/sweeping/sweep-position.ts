import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { REGIONS, type Region } from '../contract/regions.ts';
import { SWEEP_POSITION_KEY } from '../pace/pace-table.ts';
import type { ExpressionValues } from '../platform/update-expression.ts';
import type { SweepServices } from './sweep-services.ts';

/** All regions in order, beginning with `first` and continuing from the last region to the first. */
export function regionsFrom(first: Region): Region[] {
  const index = REGIONS.indexOf(first);
  return [...REGIONS.slice(index), ...REGIONS.slice(0, index)];
}

export function regionAfter(region: Region): Region {
  return regionsFrom(region)[1] ?? region;
}

/** Where a sweep begins: with this region, at the top of its list or, with a token, where the last sweep stopped. */
export interface SweepPlace {
  region: Region;
  token?: string | undefined;
}

const positionSchema = z.object({
  next_region: z.enum(REGIONS).catch(REGIONS[0]),
  /** It contains the region, because the previous release changes `next_region` without changing `go_on`. */
  go_on: z
    .object({ region: z.enum(REGIONS), token: z.string() })
    .optional()
    .catch(undefined),
});

/**
 * Notes that a sweep begins.
 * @returns where it begins. The region varies, so that a region that takes all the time does not starve the others
 */
export async function beginSweep(services: SweepServices): Promise<SweepPlace> {
  const attributes = await writePosition(services, 'SET started_at = :now', { now: services.clock.nowMs() });
  const { next_region: region, go_on } = positionSchema.parse(attributes);
  return { region, token: go_on?.region === region ? go_on.token : undefined };
}

/** Notes where the next sweep begins. */
export async function noteNextPlace(services: SweepServices, { region, token }: SweepPlace): Promise<void> {
  await (token === undefined
    ? writePosition(services, 'SET next_region = :region REMOVE go_on', { region })
    : writePosition(services, 'SET next_region = :region, go_on = :go_on', {
        region,
        go_on: { region, token },
      }));
}

/** Writes the sweep's only item in the pace table. @returns its attributes after the write */
async function writePosition(
  { tables, config }: SweepServices,
  update: string,
  values: ExpressionValues,
): Promise<Record<string, unknown>> {
  const { attributes } = await tables.update({ tableName: config.paceTable, key: SWEEP_POSITION_KEY, update, values });
  return unmarshall(attributes ?? {});
}
