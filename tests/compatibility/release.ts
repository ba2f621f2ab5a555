import { readFileSync } from 'node:fs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { IncomingRecord } from '../../lib/platform/incoming-record.ts';

export type Item = Record<string, AttributeValue>;

/** The items and messages that a release has written in one situation. `about` describes how the situation arose. */
interface Recorded {
  about: string;
  recordedAtMs: number;
}

export interface LedgerCase extends Recorded {
  message: IncomingRecord;
  item: Item;
  rooms: { arn: string; name: string; tags: Record<string, string>; createTime: string }[];
}

export interface PaceCase extends Recorded {
  items: Item[];
}

export interface LiveEventCase extends Recorded {
  items: Item[];
  schedules: object[];
  queues: Record<
    'live-events' | 'interactive' | 'rosters',
    { body: string; attributes: Record<string, string>; groupId?: string }[]
  >;
}

export interface BulkCase extends Recorded {
  jobId: string;
  manifest: { key: string; body: string; metadata: Record<string, string> };
  notice: string;
  items: Item[];
  requests: { body: string; groupId: string }[];
  waitingForTracker: { body: string; attributes: Record<string, string> }[];
}

export interface ParkedCase {
  about: string;
  message: { MessageBody: string; MessageAttributes: Record<string, { DataType: string; StringValue: string }> };
  /** The message that `greenroom redrive` of the release sent to its lane. */
  sentBack: ParkedCase['message'] & { lane: string; MessageGroupId: string };
  item?: Item;
}

export interface Messages {
  roomRequests: { lane: 'interactive' | 'bulk'; by: string; body: string }[];
  rosterChecks: { body: string }[];
  due: { body: string }[];
  notices: { about: string; body: string }[];
  rosterEvents: { about: string; body: string; attributes: Record<string, string> }[];
  parked: { about: string; body: string; attributes: Record<string, string>; sentBack: ParkedCase['sentBack'] }[];
}

interface Files {
  ledger: Record<string, LedgerCase>;
  pace: Record<string, PaceCase>;
  'live-events': Record<string, LiveEventCase>;
  bulk: Record<string, BulkCase>;
  completions: Record<string, { about: string; published: { body: string; attributes: Record<string, string> } }>;
  parked: Record<string, ParkedCase>;
  messages: Messages;
}

/** The items and messages that release 0.1.0 has left in its tables and queues. The README next to the files describes them. */
export function recorded<Name extends keyof Files>(name: Name): Files[Name] {
  return JSON.parse(readFileSync(new URL(`../fixtures/release-0.1.0/${name}.json`, import.meta.url), 'utf8'));
}

/** A recorded case. @throws Error if there is none with this name */
export function caseOf<Case>(cases: Record<string, Case>, name: string): Case {
  const found = cases[name];
  if (found === undefined) throw new Error(`No ${name} was recorded`);
  return found;
}

const OLDEST_MOMENT_MS = Date.UTC(2020);

/** An item as if it had been written `byMs` later, for handlers that use the real clock. */
export function later(item: Item, byMs: number): Item {
  return JSON.parse(JSON.stringify(item), (name, value) => {
    if (name !== 'N') return value;
    const number = Number(value);
    if (number > OLDEST_MOMENT_MS) return String(number + byMs);
    return number > OLDEST_MOMENT_MS / 1000 ? String(number + Math.ceil(byMs / 1000)) : value;
  });
}
