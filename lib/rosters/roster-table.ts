import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * The table of bulk jobs and live events: one `meta` item for each, with its counters (roster-states.ts), and one item for each member
 * (roster-members.ts). `countOutcomes` counts the outcomes of a roster's requests. lib/bulk and lib/live-events store further items in this
 * table.
 */
export interface RosterTable {
  dynamodb: DynamoDBClient;
  tableName: string;
  /** How long a roster is kept after it ends, and a member after it is written: at least 30 days. */
  retentionSeconds: number;
}

/** The part of `RosterTable` that reading requires. */
export type ReadableRosterTable = Pick<RosterTable, 'dynamodb' | 'tableName'>;

/** When an item may be deleted, in epoch seconds as DynamoDB requires. */
export function expiresAt(nowMs: number, { retentionSeconds }: RosterTable): number {
  return Math.ceil(nowMs / 1000) + retentionSeconds;
}
