import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';

/** The room APIs. Each has its own quota per account and region. */
export type RoomApi = 'CreateRoom' | 'GetRoom' | 'ListRooms' | 'DeleteRoom';

/** Why a region accepts no rooms: its room quota is reached, the account is blocked, or access is denied. */
export const OPEN_REASONS = ['quota', 'blocked', 'denied'] as const;
export type OpenReason = (typeof OPEN_REASONS)[number];

const paceItemSchema = z.object({
  /** The next free slot, in epoch milliseconds of the shared time. */
  free_at: z._default(z.number(), 0),
  /**
   * The rate to which the last throttle reduced the calls, in calls a second, and the time of that throttle or of a later change of a
   * ceiling.
   */
  rate: z.optional(z.number()),
  rate_at: z.optional(z.number()),
  /** Present while the breaker is open: when the next scheduled probe is due. Only probes are sent until the breaker closes. */
  open_until: z.optional(z.number()),
  opened_by: z.optional(z.string()),
  /**
   * The reason that the last response has shown. Absent if a worker of the previous version opened the breaker. A reason from a later
   * version counts as absent, because an item that cannot be read would stop all calls.
   */
  open_reason: z.catch(z.optional(z.enum(OPEN_REASONS)), undefined),
  /** When the breaker was opened. Absent if a worker of the previous version opened it, until a probe finds the region still closed. */
  opened_at: z.optional(z.number()),
  /** When the breaker was opened or last probed. Absent if a worker of the previous version opened it. */
  probed_at: z.optional(z.number()),
  /** The key that made the last probe. It is kept until a response shows whether the region is open. */
  probed_by: z.optional(z.string()),
  /** Tenants, or keys without a tenant, whose probes have been inconclusive since the last conclusive response. */
  fruitless: z.optional(z.set(z.string())),
  /** The time from which a probe may be sent because rooms were released in a region without free quota (freed-quota.ts). */
  freed_at: z.optional(z.number()),
  /** The index of the next interval in the probe schedule. */
  open_step: z._default(z.number(), 0),
  /** Keys that were denied since the last call that succeeded. */
  denied_keys: z.optional(z.set(z.string())),
  /** The tenants of these keys, and of the probes that were denied since then. Keys without a tenant add nothing here. */
  denied_tenants: z.optional(z.set(z.string())),
  /** When a call last succeeded after others were denied. */
  denials_outlived_at: z.optional(z.number()),
  /** The ceiling with which the workers are deployed, in calls a second. It is stored for operators, and does not affect the pace. */
  deployed_ceiling: z.optional(z.number()),
  /** The operator's settings (operator-settings.ts): the ceiling for the region or for a lane, in calls a second. */
  ceiling: z.optional(z.number()),
  interactive_ceiling: z.optional(z.number()),
  bulk_ceiling: z.optional(z.number()),
  /** When the pause of a lane ends. */
  interactive_paused_until: z.optional(z.number()),
  bulk_paused_until: z.optional(z.number()),
  /** The next free slot of a lane that has its own ceiling. */
  interactive_free_at: z.optional(z.number()),
  bulk_free_at: z.optional(z.number()),
  /** The seats of the workers whose bulk calls take slots in turns, and the one that had the last turn (rotation.ts). */
  bulk_rotation: z.catch(z.optional(z.set(z.number())), undefined),
  bulk_last: z.catch(z.optional(z.number()), undefined),
  /** How long before their slots these workers reserve them, in milliseconds (turn-lead.ts). */
  bulk_lead: z.catch(z.optional(z.number()), undefined),
  bulk_lead_until: z.catch(z.optional(z.number()), undefined),
  /** For DeleteRoom only: the time since which an operator has stopped the releases of the region. */
  stopped_at: z.optional(z.number()),
  /** The short ids of the bulk jobs that are stopped and have not ended (stopped-jobs.ts). */
  stopped_jobs: z.optional(z.set(z.string())),
});

/** The state that all workers share for one API in one region: when the next call may be sent, and whether any call may be sent. */
export type PaceItem = z.infer<typeof paceItemSchema>;

/** Parses an item from DynamoDB. If there is none, no slot was ever reserved. */
export function parsePaceItem(attributes: Record<string, AttributeValue> | undefined): PaceItem {
  return paceItemSchema.parse(attributes ? unmarshall(attributes) : {});
}
