import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
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

/** The position in the list of a region's rooms at which a sweep stopped. */
export interface ListPosition {
  token: string;
  /** How many rooms are listed before this position. Undefined if the previous version stored the position. */
  listed?: number | undefined;
}

/** Where a sweep begins: in this region, at the top of its list or at the position where the last sweep stopped. */
export interface SweepStart {
  region: Region;
  continueAt?: ListPosition | undefined;
}

/** How many rooms a region has, with or without the deployment's tags, according to the last sweep that listed all of them. */
export interface RoomCount {
  rooms: number;
  /** When the list was read to its end. */
  atMs: number;
}

/** The facts that the sweeps have stored. */
export interface SweepState {
  /** When the last sweep began. Undefined if there was none. */
  startedAtMs: number | undefined;
  roomCounts: { region: Region; count: RoomCount | undefined }[];
}

const positionSchema = z.object({
  next_region: z.catch(z.enum(REGIONS), REGIONS[0]),
  /** This attribute contains the region, because the previous version changes `next_region` without changing `go_on`. */
  go_on: z.catch(
    z.optional(z.object({ region: z.enum(REGIONS), token: z.string(), listed: z.optional(z.number()) })),
    undefined,
  ),
});

const roomCountSchema = z.catch(z.optional(z.object({ rooms: z.number(), at: z.number() })), undefined);

/**
 * Records that a sweep begins.
 * @returns where it begins. The region varies, so that one slow region cannot prevent the sweep of all others
 */
export async function beginSweep(services: SweepServices): Promise<SweepStart> {
  const attributes = await writePosition(services, 'SET started_at = :now', { now: services.clock.nowMs() });
  const { next_region: region, go_on } = positionSchema.parse(attributes);
  return { region, continueAt: go_on?.region === region ? go_on : undefined };
}

/** Stores where the next sweep begins. */
export async function storeNextStart(services: SweepServices, { region, continueAt }: SweepStart): Promise<void> {
  await (continueAt === undefined
    ? writePosition(services, 'SET next_region = :region REMOVE go_on', { region })
    : writePosition(services, 'SET next_region = :region, go_on = :go_on', {
        region,
        go_on: { region, ...continueAt },
      }));
}

/**
 * Stores how many rooms a region has. Each region has its own attribute, so that concurrent sweeps do not overwrite each other's counts.
 */
export async function storeRoomCount(services: SweepServices, region: Region, rooms: number): Promise<void> {
  const count = { rooms, at: services.clock.nowMs() };
  await writePosition(services, `SET ${countAttribute(region)} = :count`, { count });
}

/** Parses the sweep's item. If it is absent, no sweep has begun. */
export function parseSweepState(item: Record<string, AttributeValue> | undefined): SweepState {
  const attributes = item ? unmarshall(item) : {};
  const startedAtMs = z.catch(z.optional(z.number()), undefined).parse(attributes.started_at);
  const roomCounts = REGIONS.map((region) => {
    const count = roomCountSchema.parse(attributes[countAttribute(region)]);
    return { region, count: count && { rooms: count.rooms, atMs: count.at } };
  });
  return { startedAtMs, roomCounts };
}

/** A name in a DynamoDB expression may contain underscores, but no hyphens. */
function countAttribute(region: Region): string {
  return `rooms_${region.replaceAll('-', '_')}`;
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
