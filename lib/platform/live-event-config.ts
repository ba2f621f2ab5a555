import * as z from 'zod';
import { REGIONS, type Region } from '../contract/regions.ts';
import { parseEnvironment } from './config.ts';
import { type RosterConfig, rosterEnvironmentSchema, toRosterConfig } from './roster-config.ts';

/** Additional configuration of the scheduler of live events. */
export interface LiveEventConfig extends RosterConfig {
  /** Where a room is made that names no region. */
  defaultRegion: Region;
  interactiveQueueUrl: string;
  /** Where the pace of the workers can be read. */
  paceTable: string;
  parkedQueueUrl: string;
  /** Where live events come in, and schedules send to when they are due. */
  liveEventsQueue: { url: string; arn: string };
  schedules: {
    /** The group that holds this stage's schedules. */
    group: string;
    /** The role by which EventBridge Scheduler sends to the queue. */
    roleArn: string;
    /** Takes what EventBridge Scheduler could not deliver. */
    deadLetterQueueArn: string;
  };
  /** What holds for an event that does not say how long before its start rooms are asked for, and looked at. */
  defaultLeadMs: number;
  defaultAtRiskMs: number;
  /** IVS Chat's quota of CreateRoom, per account and region. */
  callsPerSecond: number;
}

const SECONDS_PER_DAY = 86_400;
const text = z.string().min(1);

const liveEventEnvironmentSchema = rosterEnvironmentSchema
  .extend({
    GREENROOM_DEFAULT_REGION: z.enum(REGIONS),
    GREENROOM_INTERACTIVE_QUEUE_URL: z.url(),
    GREENROOM_PACE_TABLE: text,
    GREENROOM_PARKED_QUEUE_URL: z.url(),
    GREENROOM_LIVE_EVENTS_QUEUE_URL: z.url(),
    GREENROOM_LIVE_EVENTS_QUEUE_ARN: text,
    GREENROOM_SCHEDULE_GROUP: z.string().regex(/^[0-9a-zA-Z-_.]{1,64}$/),
    GREENROOM_SCHEDULER_ROLE_ARN: text,
    GREENROOM_SCHEDULER_DEAD_LETTER_QUEUE_ARN: text,
    GREENROOM_LEAD_TIME_SECONDS: z.coerce
      .number()
      .int()
      .min(60)
      .max(6 * SECONDS_PER_DAY),
    // As an event's own (lib/contract/live-event-plan.ts).
    GREENROOM_AT_RISK_SECONDS: z.coerce.number().int().min(120),
    GREENROOM_CREATE_ROOM_TPS: z.coerce.number().positive(),
  })
  .refine((env) => env.GREENROOM_AT_RISK_SECONDS < env.GREENROOM_LEAD_TIME_SECONDS, {
    path: ['GREENROOM_AT_RISK_SECONDS'],
    error: 'must be below the lead time',
  });

/** What the scheduler of live events needs. */
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
  };
}
