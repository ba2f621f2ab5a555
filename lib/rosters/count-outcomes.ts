import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Completion } from '../contract/completion.ts';
import { ledgerKey } from '../contract/keys.ts';
import { problemText } from '../contract/problem-text.ts';
import { cut } from '../contract/text.ts';
import { MAX_TRANSACTION_ITEMS, transact } from '../platform/transact.ts';
import { setAttributes, transactionUpdate } from '../platform/update-expression.ts';
import { answeredAttribute, META_SK, memberSk, type RosterMeta, rosterPk } from './roster-item.ts';
import { membersByKey } from './roster-members.ts';
import type { RosterServices } from './roster-services.ts';

const MAX_ERROR_UNITS = 1_000;

/** The numbers of completions of one roster: newly counted, counted before, and not from a member. */
export interface Counting {
  counted: number;
  countedBefore: number;
  notMembers: number;
}

interface Outcome {
  ledgerKey: string;
  completion: Completion;
  /** The region of the requested room. Absent if neither the completion nor a member names it. */
  region?: string | undefined;
}

/**
 * Counts each member once, even if its completions arrive repeatedly and in any order. One transaction writes the member's outcome and the
 * roster's counters, on the condition that the member has no outcome yet. A transaction counts up to 99 members, because every transaction
 * changes the same meta item: if fifty thousand replays arrive together, fewer transactions compete for this item. If some completions of a
 * transaction cannot be counted, they are left out, and the transaction is repeated with the others.
 */
export async function countOutcomes(
  roster: RosterMeta,
  completions: readonly Completion[],
  services: RosterServices,
  signal: AbortSignal,
): Promise<Counting> {
  const outcomes = completions.flatMap((completion): Outcome[] => {
    const { idempotencyKey } = completion.data;
    return idempotencyKey === undefined ? [] : [{ ledgerKey: ledgerKey(idempotencyKey), completion }];
  });
  // A transaction may contain an item only once. If a key has several outcomes, the first one counts, as in separate transactions.
  const distinct = await withRegions(
    roster,
    [...new Map(outcomes.toReversed().map((outcome) => [outcome.ledgerKey, outcome])).values()],
    services,
    signal,
  );
  const total = { counted: 0, countedBefore: completions.length - distinct.length, notMembers: 0 };
  for (let start = 0; start < distinct.length; start += MAX_TRANSACTION_ITEMS - 1) {
    const chunk = distinct.slice(start, start + MAX_TRANSACTION_ITEMS - 1);
    const { counted, countedBefore, notMembers } = await countChunk(roster, chunk, services, signal);
    total.counted += counted;
    total.countedBefore += countedBefore;
    total.notMembers += notMembers;
  }
  return total;
}

/** Adds the region of each outcome. The completion of a partly unreadable request may name no region, but the member does. */
async function withRegions(
  { roster_id: id }: RosterMeta,
  outcomes: readonly Outcome[],
  services: RosterServices,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const unknown = outcomes.flatMap(({ ledgerKey: key, completion }) => (completion.data.region ? [] : [key]));
  const members = await membersByKey(services.rosters, id, unknown, { ...services, signal });
  const regions = new Map(members.map(({ ledger_key, region }) => [ledger_key, region]));
  return outcomes.map((outcome) => ({
    ...outcome,
    region: outcome.completion.data.region ?? regions.get(outcome.ledgerKey),
  }));
}

async function countChunk(
  roster: RosterMeta,
  chunk: Outcome[],
  services: RosterServices,
  signal: AbortSignal,
): Promise<Counting> {
  const counting = { counted: 0, countedBefore: 0, notMembers: 0 };
  let left = chunk;
  while (left.length > 0) {
    const items = [
      ...left.map((outcome) => memberUpdate(roster, outcome, services)),
      metaUpdate(roster, left, services),
    ];
    const result = await transact(services.clients.dynamodb, items, { ...services, signal });
    if (result.written) {
      counting.counted = left.length;
      break;
    }
    const { failed } = result;
    if (failed.has(left.length)) throw new Error(`The roster ${roster.roster_id} no longer exists`);
    for (const item of failed.values()) counting[item ? 'countedBefore' : 'notMembers'] += 1;
    left = left.filter((_, index) => !failed.has(index));
  }
  return counting;
}

function memberUpdate(
  { roster_id: id }: RosterMeta,
  { ledgerKey: key, completion }: Outcome,
  { config }: RosterServices,
): TransactWriteItem {
  return {
    Update: transactionUpdate({
      tableName: config.rosterTable,
      key: { pk: { S: rosterPk(id) }, sk: { S: memberSk(key) } },
      ...setAttributes({ ...outcomeOf(completion), completion_id: completion.id }),
      condition: 'attribute_exists(pk) AND attribute_not_exists(#outcome)',
    }),
  };
}

function outcomeOf({ data }: Completion) {
  if (data.outcome !== 'failed') {
    const { arn, id, name } = data.room;
    return { outcome: data.outcome, region: data.region, room_arn: arn, room_id: id, room_name: name || undefined };
  }
  const problems = (data.problems ?? []).map(problemText);
  const error = problems.length > 0 ? problems.join('; ') : data.error.message;
  return { outcome: data.outcome, reason: data.reason, error: cut(error, MAX_ERROR_UNITS) };
}

function metaUpdate(
  { roster_id: id, kind, created_at: createdAtMs }: RosterMeta,
  outcomes: readonly Outcome[],
  { config }: RosterServices,
): TransactWriteItem {
  const provisioned = outcomes.filter(({ completion }) => completion.data.outcome !== 'failed');
  const existing = provisioned.filter(({ completion }) => Date.parse(completion.time) < createdAtMs);
  const stopped = outcomes.filter(({ completion: { data } }) => data.outcome === 'failed' && data.reason === 'stopped');
  // Only the reader of a manifest needs the number of outstanding rows in each region.
  const byRegion = kind === 'bulk' ? Map.groupBy(outcomes, ({ region }) => region) : new Map<undefined, Outcome[]>();
  const answered = [...byRegion].flatMap(([region, { length }]) => (region === undefined ? [] : [{ region, length }]));
  const additions = [
    ...(stopped.length > 0 ? [', stopped :stopped'] : []),
    ...answered.map((_, index) => `, #answered${index} :answered${index}`),
  ].join('');
  const names = answered.map(({ region }, index) => [`#answered${index}`, answeredAttribute(region)]);
  const values = answered.map(({ length }, index) => [`answered${index}`, length]);
  return {
    Update: transactionUpdate({
      tableName: config.rosterTable,
      key: { pk: { S: rosterPk(id) }, sk: { S: META_SK } },
      update: `ADD provisioned :provisioned, existing :existing, failed :failed${additions}`,
      condition: 'attribute_exists(pk)',
      names: Object.fromEntries(names),
      values: {
        provisioned: provisioned.length,
        existing: existing.length,
        failed: outcomes.length - provisioned.length,
        ...(stopped.length > 0 && { stopped: stopped.length }),
        ...Object.fromEntries(values),
      },
    }),
  };
}
