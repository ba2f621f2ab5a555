import * as z from 'zod/mini';
import type { Region } from '../contract/regions.ts';
import { environmentSchema, parseEnvironment, SECONDS_PER_DAY } from './config.ts';

/** Configuration for work on rosters: bulk jobs and live events. */
export interface RosterConfig {
  stage: string;
  completionTopicArn: string;
  rosterTable: string;
  /** The queue for completions with a roster, and for requests to check whether a roster is complete. */
  rosterQueueUrl: string;
  /** How long the roster table keeps a roster after its completion. */
  rosterRetentionSeconds: number;
}

/** Additional configuration of the reader of bulk manifests. */
export interface BulkConfig extends RosterConfig {
  defaultRegion: Region;
  /** The queue for the requests of manifests. */
  bulkQueueUrl: string;
  /** The queue for S3's notices of manifests. */
  manifestQueueUrl: string;
  /** The queue for notices that a person must examine. */
  parkedQueueUrl: string;
  /** How many rows of one job and region may be outstanding: sent, but not answered yet. */
  outstandingRowsPerRegion: number;
  /** As long as the bulk lane has this many messages, the reader sends no more. */
  laneStopMessages: number;
  /** The maximum number of rooms that are created in a region in a second. */
  callsPerSecond: number;
  /** Whether greenroom releases rooms. If not, every row that states a release is invalid. */
  releases: boolean;
}

/** Additional configuration of the roster tracker. */
export interface TrackingConfig extends RosterConfig {
  /** The bucket for reports. */
  manifestBucket: string;
  /** The table that names the stopped jobs until they have ended. */
  paceTable: string;
  /** The queue for messages that a person must examine. */
  parkedQueueUrl: string;
}

export const rosterEnvironmentSchema = z.object({
  GREENROOM_STAGE: environmentSchema.shape.GREENROOM_STAGE,
  GREENROOM_COMPLETION_TOPIC_ARN: environmentSchema.shape.GREENROOM_COMPLETION_TOPIC_ARN,
  GREENROOM_ROSTER_TABLE: z.string().check(z.minLength(1)),
  GREENROOM_ROSTER_QUEUE_URL: z.url(),
  // A parked request may be answered weeks later. Its member must still exist then, so that the tracker can count it.
  GREENROOM_ROSTER_RETENTION_DAYS: z.coerce.number().check(z.int(), z.minimum(30)),
});

/**
 * With fewer outstanding rows, a job of 50,000 rows could use up the receives of its notice (`MAX_RECEIVES`), because it sends half of this
 * number at a time.
 */
const MIN_OUTSTANDING_ROWS = 1_500;

export const bulkEnvironmentSchema = z.extend(rosterEnvironmentSchema, {
  GREENROOM_DEFAULT_REGION: environmentSchema.shape.GREENROOM_DEFAULT_REGION,
  GREENROOM_BULK_QUEUE_URL: z.url(),
  GREENROOM_MANIFEST_QUEUE_URL: z.url(),
  GREENROOM_PARKED_QUEUE_URL: z.url(),
  GREENROOM_OUTSTANDING_ROWS_PER_REGION: z.coerce.number().check(z.int(), z.minimum(MIN_OUTSTANDING_ROWS)),
  GREENROOM_LANE_STOP_MESSAGES: z.coerce.number().check(z.int(), z.minimum(1_000)),
  GREENROOM_CREATE_ROOM_TPS: environmentSchema.shape.GREENROOM_CREATE_ROOM_TPS,
  GREENROOM_RELEASES: environmentSchema.shape.GREENROOM_RELEASES,
});

const trackingEnvironmentSchema = z.extend(rosterEnvironmentSchema, {
  GREENROOM_MANIFEST_BUCKET: z.string().check(z.minLength(1)),
  GREENROOM_PACE_TABLE: environmentSchema.shape.GREENROOM_PACE_TABLE,
  GREENROOM_PARKED_QUEUE_URL: z.url(),
});

/** Reads the configuration that all functions for rosters need. @throws Error naming every variable that is missing or invalid */
export function readRosterConfig(environment: Record<string, string | undefined>): RosterConfig {
  return toRosterConfig(parseEnvironment(rosterEnvironmentSchema, environment));
}

/** Reads the configuration of the roster tracker. @throws Error naming every variable that is missing or invalid */
export function readTrackingConfig(environment: Record<string, string | undefined>): TrackingConfig {
  const env = parseEnvironment(trackingEnvironmentSchema, environment);
  return {
    ...toRosterConfig(env),
    manifestBucket: env.GREENROOM_MANIFEST_BUCKET,
    paceTable: env.GREENROOM_PACE_TABLE,
    parkedQueueUrl: env.GREENROOM_PARKED_QUEUE_URL,
  };
}

/** Reads the configuration of the reader of manifests. @throws Error naming every variable that is missing or invalid */
export function readBulkConfig(environment: Record<string, string | undefined>): BulkConfig {
  const env = parseEnvironment(bulkEnvironmentSchema, environment);
  return {
    ...toRosterConfig(env),
    defaultRegion: env.GREENROOM_DEFAULT_REGION,
    bulkQueueUrl: env.GREENROOM_BULK_QUEUE_URL,
    manifestQueueUrl: env.GREENROOM_MANIFEST_QUEUE_URL,
    parkedQueueUrl: env.GREENROOM_PARKED_QUEUE_URL,
    outstandingRowsPerRegion: env.GREENROOM_OUTSTANDING_ROWS_PER_REGION,
    laneStopMessages: env.GREENROOM_LANE_STOP_MESSAGES,
    callsPerSecond: env.GREENROOM_CREATE_ROOM_TPS,
    releases: env.GREENROOM_RELEASES,
  };
}

export function toRosterConfig(env: z.output<typeof rosterEnvironmentSchema>): RosterConfig {
  return {
    stage: env.GREENROOM_STAGE,
    completionTopicArn: env.GREENROOM_COMPLETION_TOPIC_ARN,
    rosterTable: env.GREENROOM_ROSTER_TABLE,
    rosterQueueUrl: env.GREENROOM_ROSTER_QUEUE_URL,
    rosterRetentionSeconds: env.GREENROOM_ROSTER_RETENTION_DAYS * SECONDS_PER_DAY,
  };
}
