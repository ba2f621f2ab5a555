import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Waiting } from '../platform/backoff.ts';
import type { RosterMember, RosterMeta, RosterRow, RosterState } from './roster-item.ts';
import {
  countMembers,
  membersByKey,
  memberWrite,
  type NewMember,
  type RosterTableSettings,
  readMembers,
  readRows,
  rowWrite,
  writeMembers,
} from './roster-members.ts';
import {
  createRoster,
  moveRoster,
  type NewRoster,
  readRoster,
  reopenRoster,
  type Seal,
  sealRoster,
  type WhyRefused,
} from './roster-states.ts';

/**
 * Bulk jobs and live events: one `meta` item each with the counters, and one item per member. What a roster's requests become
 * is counted by `countOutcomes`; everything else that changes a roster is here.
 */
export interface RosterTable {
  /** Begins a roster, `open` and without members. @returns the roster that there is, which may have been begun before */
  create(roster: NewRoster, nowMs: number): Promise<RosterMeta>;
  read(id: string): Promise<RosterMeta | undefined>;
  /** Writes members, to be done before their requests are sent. Doing it again is harmless. */
  writeMembers(id: string, members: readonly NewMember[], nowMs: number, waiting: Waiting): Promise<void>;
  /** The same as one write among others. Repeated, it changes nothing: an outcome that is there stays. */
  memberWrite(id: string, member: NewMember, nowMs: number): TransactWriteItem;
  /** The write of a row of a manifest that is no member of its own. */
  rowWrite(id: string, row: RosterRow, nowMs: number): TransactWriteItem;
  /**
   * States that all members are there; they are counted for it. From now on the roster can complete: whoever seals it has
   * RosterQueue told (`requestCheck`), because the last outcome may have been counted before.
   * @returns the roster as it is now, also if it was sealed already
   * @throws Error if there is no such roster
   */
  seal(id: string, seal: Seal): Promise<RosterMeta>;
  /**
   * Moves a roster on, unless somebody else did so or it was sealed anew. A finished one is deleted after the retention time.
   * `why`: the problems of a refused one. @returns the roster as it is now
   */
  move(roster: RosterMeta, to: RosterState, nowMs: number, why?: WhyRefused): Promise<RosterMeta | undefined>;
  /** Begins a refused bulk job again, under this name. @returns the roster as it is now */
  reopen(id: string, reopening: Parameters<typeof reopenRoster>[2]): Promise<RosterMeta | undefined>;
  /** How many members are written: all that can have been asked for. */
  count(id: string): Promise<number>;
  /** All members, in no order that means anything. */
  members(id: string): AsyncGenerator<RosterMember>;
  /** What there is for the rows of a manifest from one place to another, both included, in no order. */
  rows(id: string, from: number, to: number): AsyncGenerator<RosterMember | RosterRow>;
  /** Members by their ledger keys; those that are not there are left out. */
  membersOf(id: string, ledgerKeys: readonly string[], waiting: Waiting): Promise<RosterMember[]>;
}

export function createRosterTable(table: RosterTableSettings): RosterTable {
  return {
    create: (...roster) => createRoster(table, ...roster),
    read: (id) => readRoster(table, id),
    writeMembers: (...members) => writeMembers(table, ...members),
    memberWrite: (...member) => memberWrite(table, ...member),
    rowWrite: (...row) => rowWrite(table, ...row),
    seal: (...seal) => sealRoster(table, ...seal),
    move: (...to) => moveRoster(table, ...to),
    reopen: (...reopening) => reopenRoster(table, ...reopening),
    count: (id) => countMembers(table, id),
    members: (id) => readMembers(table, id),
    rows: (...range) => readRows(table, ...range),
    membersOf: (...keys) => membersByKey(table, ...keys),
  };
}
