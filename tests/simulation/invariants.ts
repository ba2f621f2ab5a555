import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Completion } from '../../lib/contract/completion.ts';
import { completionId, keyReleasedCompletionId, keyReusedCompletionId } from '../../lib/contract/completion-id.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import { isClaimed, type LedgerItem, parseStoredItem } from '../../lib/ledger/ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { ledgerItems } from './expiry.ts';
import { completionsAmong } from './published.ts';
import type { ScenarioRequest } from './scenario.ts';
import { type World, waitingMessages } from './world.ts';

const REGION = 'eu-west-1';
const MAX_GENERATIONS = 20;
const MAX_LISTING_CALLS = 6_000;
const LONGEST_WAIT_MS = 60 * 60_000;
const MS_PER_ROOM = 200;
const DEFAULT_NEEDED_MS = 24 * 60 * 60_000;
/** The reasons of failures that answer one request, and are not the outcome of its key. */
const REJECTIONS = ['key-reused-with-different-payload', 'key-released'];

/** A promise that a run has broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * Holds after every effect on IVS Chat: a key has at most one room. There are no exceptions, because all delays are shorter than the settle
 * time.
 */
export function checkRooms({ ivsChat }: World): void {
  const keys = ivsChat.admin.rooms().map(({ tags }) => tags[KEY_TAG] ?? 'none');
  const second = keys.find((key, index) => keys.indexOf(key) !== index);
  if (second !== undefined) throw new Violation(`I1: a second room for the key ${second.slice(0, 8)}`);
}

/** Holds after every publication: a generation of a claim on a key has one completion id and one ARN, and the room exists. */
export function checkCompletions({ messaging, ivsChat, scenario, released }: World): void {
  const completions = completionsAmong(messaging.published);
  const own = completions.filter(({ data }) => data.outcome !== 'failed' || !REJECTIONS.includes(data.reason));
  for (const group of Map.groupBy(own, ({ data }) => `${data.idempotencyKey} ${data.generation}`).values()) {
    // A completion without a claim id counts as one claim, because a control that bypasses the ledger has no claims.
    const claims = Math.max(1, new Set(group.flatMap(({ data }) => data.claimId ?? [])).size);
    if (new Set(group.map(({ id }) => id)).size > claims)
      throw new Violation(`I2: ${describe(group)} have different ids`);
    const arns = new Set(group.flatMap(({ data }) => (data.outcome === 'failed' ? [] : data.room.arn)));
    if (arns.size > claims) throw new Violation(`I2: ${describe(group)} name different rooms`);
    const live = ivsChat.admin.rooms().map(({ arn }) => arn);
    if ([...arns].some((arn) => !live.includes(arn) && !released.has(arn)))
      throw new Violation(`I7: ${describe(group)}: the room does not exist`);
  }
  const reused = completions.filter(
    ({ data }) => data.outcome === 'failed' && data.reason === 'key-reused-with-different-payload',
  );
  for (const group of Map.groupBy(reused, ({ data }) => `${data.idempotencyKey} ${data.claimId}`).values()) {
    const wishes = scenario.requests.filter(({ idempotencyKey }) => idempotencyKey === group[0]?.data.idempotencyKey);
    const payloads = new Set(wishes.map(({ room }) => payloadHash({ room, region: REGION })));
    // This holds however often a message is answered, and whatever happens to the key meanwhile.
    if (new Set(group.map(({ id }) => id)).size > payloads.size)
      throw new Violation(`I2: ${describe(group)} have more ids than there are payloads`);
  }
}

/** Holds at every call: a search for a few rooms among 20,000, which are 400 pages, ends. */
export function checkListings({ calls }: World): void {
  if ((calls.ListRooms ?? 0) > MAX_LISTING_CALLS)
    throw new Violation(`I12: rooms were listed by more than ${MAX_LISTING_CALLS} calls, and the search has not ended`);
}

/**
 * Holds after every publication: no request is given up only because of outages if there was enough time after them.
 * Requests that may have another reason are excepted: those with a neededBy that is too near or with a message that was moved
 * to the dead-letter queue at random, and requests of the same key, which share the outcome.
 */
export function checkGivenUp({ messaging, scenario }: World): void {
  const [last] = completionsAmong(messaging.published.slice(-1));
  if (last === undefined) return;
  const { data } = last;
  if (data.outcome !== 'failed' || !['dead-lettered', 'expired'].includes(data.reason)) return;
  const calmMs = Math.max(scenario.calmFromMs, ...(scenario.outages ?? []).map(({ untilMs }) => untilMs));
  const enoughMs = calmMs + LONGEST_WAIT_MS + scenario.requests.length * MS_PER_ROOM;
  const excused = scenario.requests.some(
    ({ idempotencyKey, sentAtMs, neededByMs = sentAtMs + DEFAULT_NEEDED_MS, movedByChance = false }) =>
      idempotencyKey === data.idempotencyKey && (neededByMs < enoughMs || movedByChance),
  );
  if (!excused) throw new Violation(`I8: ${data.idempotencyKey} is given up as ${data.reason} only because of outages`);
}

/** Holds when a message is acknowledged: its request has a completion, or it is parked. */
export function checkAcknowledged(world: World, request: ScenarioRequest, body: string): void {
  const parked = world.messaging.parked.find((each) => each.body === body);
  // No outage is long enough that an operator would have to find out the outcome of a request.
  if (parked && JSON.parse(parked.note).reason === 'outcome-unknown')
    throw new Violation(`I9: request ${request.number} is parked with its outcome unknown`);
  if (parked) return;
  if (!isAnswered(world, request))
    throw new Violation(`I3: request ${request.number} is acknowledged without a completion`);
}

/** Holds when the message of a command is acknowledged: the command has an answer, or the message is parked. */
export function checkCommandAcknowledged({ messaging, releases }: World, message: MemoryMessage): void {
  const command = releases?.commands.get(message);
  if (command === undefined || messaging.parked.some(({ body }) => body === message.body)) return;
  if (!messaging.published.some(({ attributes }) => attributes.correlationId === `command ${command.number}`))
    throw new Violation(`I15: command ${command.number} is acknowledged without an answer`);
}

/** Holds at the end, after all faults. */
export function checkEnd(world: World): void {
  for (const message of waitingMessages(world)) throw new Violation(`I6: the message ${message.id} is never done`);
  for (const request of world.scenario.requests) {
    if (!isAnswered(world, request)) throw new Violation(`I3: request ${request.number} has no completion`);
  }
  const items = ledgerItems(world)
    .map((item) => parseStoredItem(item as unknown as Record<string, AttributeValue>))
    .filter(isClaimed);
  const named = items.flatMap((item) =>
    item.decision === 'room' && item.released_at === undefined ? item.room_arn : [],
  );
  const live = world.ivsChat.admin.rooms().map(({ arn }) => arn);
  if (named.toSorted().join() !== live.toSorted().join()) {
    throw new Violation(`I4: the ledger has ${named.join() || 'no room'}, and IVS Chat has ${live.join() || 'none'}`);
  }
  const open = items.find(({ status }) => status !== 'COMPLETED');
  if (open) throw new Violation(`I6: the item of ${open.idempotency_key} is never completed (${describeItem(open)})`);
}

function isAnswered({ messaging }: World, request: ScenarioRequest): boolean {
  // The failure of a stopped job answers only its own rows.
  const completions = completionsAmong(messaging.published).filter(
    ({ data }) => request.isRow || data.outcome !== 'failed' || data.reason !== 'stopped',
  );
  return completions.some(({ id, data }) => possibleIds(request, data.claimId).includes(id));
}

/** All ids that a completion for this request may have with this claim. */
function possibleIds({ idempotencyKey, room }: ScenarioRequest, claimId: string | undefined): string[] {
  const hash = payloadHash({ room, region: REGION });
  const own = Array.from({ length: MAX_GENERATIONS }, (_, generation) =>
    (['created', 'adopted', 'failed'] as const).map((outcome) =>
      completionId({ claimId, idempotencyKey, payloadHash: hash, generation, outcome }),
    ),
  ).flat();
  if (claimId === undefined) return own;
  const released = Array.from({ length: MAX_GENERATIONS }, (_, generation) =>
    keyReleasedCompletionId({ claimId, idempotencyKey, payloadHash: hash, generation }),
  );
  return [...own, ...released, keyReusedCompletionId({ claimId, idempotencyKey, payloadHash: hash })];
}

function describe(group: Completion[]): string {
  return group.map(({ data }) => `${data.idempotencyKey}/${data.generation} ${data.outcome}`).join(', ');
}

function describeItem(item: LedgerItem): string {
  return `${item.decision ?? 'undecided'}, version ${item.version}`;
}
