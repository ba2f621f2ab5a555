import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Completion, completionId, completionSchema } from '../../lib/contract/completion.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import { type LedgerItem, parseLedgerItem } from '../../lib/provisioning/ledger-item.ts';
import { KEY_TAG } from '../../lib/provisioning/room-tags.ts';
import type { ScenarioRequest } from './scenario.ts';
import type { World } from './world.ts';

const REGION = 'eu-west-1';
const MAX_GENERATIONS = 20;

/** A promise that a run broke. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Holds after every effect on IVS Chat: a key has one room at most. All delays lie within the settle time, so strictly. */
export function checkRooms({ ivsChat }: World): void {
  const keys = ivsChat.admin.rooms().map(({ tags }) => tags[KEY_TAG] ?? 'none');
  const second = keys.find((key, index) => keys.indexOf(key) !== index);
  if (second !== undefined) throw new Violation(`I1: a second room for the key ${second.slice(0, 8)}`);
}

/** Holds after every publication: one id and one ARN for a generation of a claim on a key, and the room is there. */
export function checkCompletions({ messaging, ivsChat }: World): void {
  const completions = messaging.published.map(({ body }) => completionSchema.parse(JSON.parse(body)));
  const own = completions.filter(({ data }) => data.outcome !== 'failed' || !data.reason.startsWith('key-reused'));
  for (const group of Map.groupBy(own, ({ data }) => `${data.idempotencyKey} ${data.generation}`).values()) {
    // A completion that names no claim has none of its own: whoever bypasses the ledger knows of none.
    const claims = Math.max(1, new Set(group.flatMap(({ data }) => data.claimId ?? [])).size);
    if (new Set(group.map(({ id }) => id)).size > claims)
      throw new Violation(`I2: ${describe(group)} have different ids`);
    const arns = new Set(group.flatMap(({ data }) => (data.outcome === 'failed' ? [] : data.room.arn)));
    if (arns.size > claims) throw new Violation(`I2: ${describe(group)} name different rooms`);
    const live = ivsChat.admin.rooms().map(({ arn }) => arn);
    if ([...arns].some((arn) => !live.includes(arn))) throw new Violation(`I7: ${describe(group)}: the room is gone`);
  }
}

/** Holds when a message is acknowledged: its request has its completion, or it is parked. */
export function checkAcknowledged(world: World, request: ScenarioRequest, body: string): void {
  if (world.messaging.parked.some((parked) => parked.body === body)) return;
  if (!isAnswered(world, request))
    throw new Violation(`I3: request ${request.number} acknowledged without a completion`);
}

/** Holds at the end, when everything has calmed down. */
export function checkEnd(world: World): void {
  for (const message of world.messaging.messages) {
    if (!message.deleted) throw new Violation(`I6: the message of request ${message.request} is never done`);
  }
  for (const request of world.scenario.requests) {
    if (!isAnswered(world, request)) throw new Violation(`I3: request ${request.number} has no completion`);
  }
  const items = world.dynamodb
    .items('ledger')
    .map((item) => parseLedgerItem(item as unknown as Record<string, AttributeValue>));
  const named = items.flatMap((item) => (item.decision === 'room' ? item.room_arn : []));
  const live = world.ivsChat.admin.rooms().map(({ arn }) => arn);
  if (named.toSorted().join() !== live.toSorted().join()) {
    throw new Violation(`I4: the ledger names ${named.join() || 'no room'}, and there is ${live.join() || 'none'}`);
  }
  const open = items.find(({ status }) => status !== 'COMPLETED');
  if (open) throw new Violation(`I6: the item of ${open.idempotency_key} is never completed (${describeItem(open)})`);
}

function isAnswered({ messaging }: World, request: ScenarioRequest): boolean {
  const completions = messaging.published.map(({ body }) => completionSchema.parse(JSON.parse(body)));
  return completions.some(({ id, data }) => possibleIds(request, data.claimId).includes(id));
}

/** Every id that a completion for this request may have under this claim. */
function possibleIds({ idempotencyKey, room }: ScenarioRequest, claimId: string | undefined): string[] {
  const hash = payloadHash({ room, region: REGION });
  return Array.from({ length: MAX_GENERATIONS }, (_, generation) =>
    (['created', 'adopted', 'failed'] as const).map((outcome) =>
      completionId({ claimId, idempotencyKey, payloadHash: hash, generation, outcome }),
    ),
  ).flat();
}

function describe(group: Completion[]): string {
  return group.map(({ data }) => `${data.idempotencyKey}/${data.generation} ${data.outcome}`).join(', ');
}

function describeItem(item: LedgerItem): string {
  return `${item.decision ?? 'undecided'}, version ${item.version}`;
}
