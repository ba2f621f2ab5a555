import * as z from 'zod/mini';
import { REGIONS, type Region } from '../contract/regions.ts';
import { environmentSchema, parseEnvironment } from './config.ts';
import { type RosterConfig, rosterEnvironmentSchema, toRosterConfig } from './roster-config.ts';

/** Additional configuration of the scheduler of live events. */
export interface LiveEventConfig extends RosterConfig {
  /** The region of a room that names none. */
  defaultRegion: Region;
  interactiveQueueUrl: string;
  /** The table that stores the pace of all workers. */
  paceTable: string;
  parkedQueueUrl: string;
  /** The queue for live events, to which schedules also send. */
  liveEventsQueue: { url: string; arn: string };
  schedules: {
    /** The group that holds this stage's schedules. */
    group: string;
    /** The role with which EventBridge Scheduler sends to the queue. */
    roleArn: string;
    /** Receives messages that EventBridge Scheduler could not deliver. */
    deadLetterQueueArn: string;
  };
  /** The lead time, and the time from the check to the start, of an event that does not state them. */
  defaultLeadMs: number;
  defaultAtRiskMs: number;
  /** IVS Chat's quota for CreateRoom, per account and region. */
  callsPerSecond: number;
  /** Whether greenroom releases rooms. If not, it refuses every event that states a release. */
  releases: boolean;
}

const SECONDS_PER_DAY = 86_400;
const text = z.string().check(z.minLength(1));

export const liveEventEnvironmentSchema = z
  .extend(rosterEnvironmentSchema, {
    GREENROOM_DEFAULT_REGION: z.enum(REGIONS),
    GREENROOM_INTERACTIVE_QUEUE_URL: z.url(),
    GREENROOM_PACE_TABLE: text,
    GREENROOM_PARKED_QUEUE_URL: z.url(),
    GREENROOM_LIVE_EVENTS_QUEUE_URL: z.url(),
    GREENROOM_LIVE_EVENTS_QUEUE_ARN: text,
    GREENROOM_SCHEDULE_GROUP: z.string().check(z.regex(/^[0-9a-zA-Z-_.]{1,64}$/)),
    GREENROOM_SCHEDULER_ROLE_ARN: text,
    GREENROOM_SCHEDULER_DEAD_LETTER_QUEUE_ARN: text,
    GREENROOM_LEAD_TIME_SECONDS: z.coerce.number().check(z.int(), z.minimum(60), z.maximum(6 * SECONDS_PER_DAY)),
    // The same minimum as for an event's own time (lib/contract/live-event-plan.ts).
    GREENROOM_AT_RISK_SECONDS: z.coerce.number().check(z.int(), z.minimum(120)),
    GREENROOM_CREATE_ROOM_TPS: z.coerce.number().check(z.positive()),
    GREENROOM_RELEASES: environmentSchema.shape.GREENROOM_RELEASES,
  })
  .check(
    z.refine((env) => env.GREENROOM_AT_RISK_SECONDS < env.GREENROOM_LEAD_TIME_SECONDS, {
      path: ['GREENROOM_AT_RISK_SECONDS'],
      error: 'must be below the lead time',
    }),
  );

/** Reads the configuration of the scheduler of live events. @throws Error naming every variable that is missing or invalid */
export function readLiveEventConfig(environment: Record<string, string | undefined>): LiveEventConfig {
  const env = parseEnvironment(liveEventEnvironmentSchema, environment);
  return {
    ...toRosterConfig(env),
    defaultRegion: env.GREENROOM_DEFAULT_REGION,
    interactiveQueueUrl: env.GREENROOM_INTERACTIVE_QUEUE_URL,
    paceTable: env.GREENROOM_PACE_TABLE,
    parkedQueueUrl: env.GREENROOM_PARKED_QUEUE_URL,
    liveEventsQueue: { url: env.GREENROOM_LIVE_EVENTS_QUEUE_URL, arn: env.GREENROOM_LIVE_EVENTS_QUEUE_ARN },
    schedules: {
      group: env.GREENROOM_SCHEDULE_GROUP,
      roleArn: env.GREENROOM_SCHEDULER_ROLE_ARN,
      deadLetterQueueArn: env.GREENROOM_SCHEDULER_DEAD_LETTER_QUEUE_ARN,
    },
    defaultLeadMs: env.GREENROOM_LEAD_TIME_SECONDS * 1000,
    defaultAtRiskMs: env.GREENROOM_AT_RISK_SECONDS * 1000,
    callsPerSecond: env.GREENROOM_CREATE_ROOM_TPS,
    releases: env.GREENROOM_RELEASES,
  };
}
