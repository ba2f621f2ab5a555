import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * The table of bulk jobs and live events: one `meta` item for each, with its counters (roster-states.ts), and one item for each member
 * (roster-members.ts). `countOutcomes` counts what becomes of a roster's requests; those two files make every other change.
 */
export interface RosterTable {
  dynamodb: DynamoDBClient;
  tableName: string;
  /** A roster is kept for so long after its completion, and its members after they were written; at least 30 days. */
  retentionSeconds: number;
}

/** What it takes to read the table. */
export type ReadableRosterTable = Pick<RosterTable, 'dynamodb' | 'tableName'>;

/** When an item may be deleted, in epoch seconds as DynamoDB wants it. */
export function expiresAt(nowMs: number, { retentionSeconds }: RosterTable): number {
  return Math.ceil(nowMs / 1000) + retentionSeconds;
}
