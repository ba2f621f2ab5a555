import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { MAX_TRANSACTION_ITEMS, transact } from '../platform/transact.ts';
import { transactionUpdate } from '../platform/update-expression.ts';
import { answeredAttribute, META_SK, parseMember, type RosterMember, rosterPk } from './roster-item.ts';
import { type NewMember, newMemberWrite } from './roster-members.ts';
import type { RosterServices } from './roster-services.ts';

/** How many members one transaction can end. The last item of the transaction is that of the roster, whose counters change too. */
export const MEMBERS_AT_ONCE = MAX_TRANSACTION_ITEMS - 1;

const STOPPED: Pick<RosterMember, 'outcome' | 'reason' | 'error'> = {
  outcome: 'failed',
  reason: 'stopped',
  error: 'The bulk job was stopped before the room was requested.',
};

/**
 * Writes members of a stopped job that were never requested, together with their outcome: one transaction writes up to 99 members and the
 * roster's counters. A member is written before its request is sent. If the item of a member exists, its request may therefore have been
 * sent, and a worker decides its outcome.
 * @returns the members whose items exist and have no outcome
 * @throws the error of DynamoDB. The call can be repeated safely
 */
export async function stopMembers(
  rosterId: string,
  members: readonly NewMember[],
  services: RosterServices,
  signal: AbortSignal,
): Promise<NewMember[]> {
  const open: NewMember[] = [];
  for (let start = 0; start < members.length; start += MEMBERS_AT_ONCE) {
    let left = members.slice(start, start + MEMBERS_AT_ONCE);
    while (left.length > 0) {
      const existing = await stopNewMembers(rosterId, left, services, signal);
      open.push(
        ...left.filter((_, index) => {
          const member = existing.get(index);
          return member !== undefined && member.outcome === undefined;
        }),
      );
      // A transaction writes all of its items or none. Without the existing members, it can be written.
      left = existing.size === 0 ? [] : left.filter((_, index) => !existing.has(index));
    }
  }
  return open;
}

/** @returns the members that exist already, by their index. If there are any, nothing was written */
async function stopNewMembers(
  rosterId: string,
  members: readonly NewMember[],
  services: RosterServices,
  signal: AbortSignal,
): Promise<Map<number, RosterMember | undefined>> {
  const { clients, clock, rosters } = services;
  const writes = members.map((member) => newMemberWrite(rosters, rosterId, member, STOPPED, clock.nowMs()));
  const items = [...writes, countStopped(rosterId, members, services)];
  const result = await transact(clients.dynamodb, items, { ...services, signal });
  if (result.written) return new Map();
  if (result.failed.has(members.length)) throw new Error(`The roster ${rosterId} no longer exists`);
  return new Map([...result.failed].map(([index, item]) => [index, item && parseMember(item)]));
}

function countStopped(rosterId: string, members: readonly NewMember[], { config }: RosterServices): TransactWriteItem {
  const byRegion = [...Map.groupBy(members, ({ region }) => region)];
  const additions = byRegion.map((_, index) => `, #answered${index} :answered${index}`).join('');
  return {
    Update: transactionUpdate({
      tableName: config.rosterTable,
      key: { pk: { S: rosterPk(rosterId) }, sk: { S: META_SK } },
      update: `ADD failed :failed, stopped :stopped${additions}`,
      condition: 'attribute_exists(pk)',
      names: Object.fromEntries(byRegion.map(([region], index) => [`#answered${index}`, answeredAttribute(region)])),
      values: {
        failed: members.length,
        stopped: members.length,
        ...Object.fromEntries(byRegion.map(([, { length }], index) => [`answered${index}`, length])),
      },
    }),
  };
}
