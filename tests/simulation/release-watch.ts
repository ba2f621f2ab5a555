import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../emulator/dynamodb/dynalite.ts';
import type { ServiceRequest } from '../../emulator/service.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { parseStoredItem } from '../../lib/ledger/ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { type Asker, eventOf, ReleasePromises } from '../protocol/release-promises.ts';
import { commandAsker, requestAsker } from './askers.ts';
import type { CrowdMember } from './crowd.ts';
import { outageFrom } from './outages.ts';
import { checkQuota, checkReleases } from './release-invariants.ts';
import { check, count, type World } from './world.ts';

/** Judges every effect on the ledger, the rooms and the topic. @returns checks what holds at the end */
export function watchReleases(world: World, crowd: readonly CrowdMember[]): () => void {
  const keys = new Set(world.scenario.requests.map(({ idempotencyKey }) => idempotencyKey));
  const watched = new Map([
    ...[...keys].map((key) => [ledgerKey(key), promisesFor(world, key)] as const),
    ...crowd.map((member) => [member.id, promisesForMember(world, member)] as const),
  ]);
  watchLedger(world, watched);
  watchRooms(world, watched);
  watchTopic(world, watched);
  return () => {
    for (const promises of watched.values()) promises.checkEnd();
    checkReleases(world);
    checkQuota(world);
  };
}

/** The promises about one key. A message that nobody has received has no effect yet. */
function promisesFor({ time, sent, releases }: World, key: string): ReleasePromises {
  return new ReleasePromises(time.nowMs, () => {
    const requests = [...sent].flatMap(([{ receiveCount }, request]) =>
      receiveCount > 0 && request.idempotencyKey === key ? requestAsker(request) : [],
    );
    const commands = [...(releases?.commands ?? [])].flatMap(([{ receiveCount }, command]) =>
      receiveCount > 0 && command.idempotencyKey === key ? commandAsker(command) : [],
    );
    return [...requests, ...commands];
  });
}

/** The room of a member of the crowd was published long ago. */
function promisesForMember({ time, ivsChat }: World, { id, arn, asker }: CrowdMember): ReleasePromises {
  const promises = new ReleasePromises(time.nowMs, () => [asker]);
  promises.roomsChanged(ivsChat.admin.rooms().filter(({ tags }) => tags[KEY_TAG] === id));
  promises.published({
    type: 'greenroom.room.provisioned.v1',
    correlationId: undefined,
    roomArn: arn,
    claimId: undefined,
    generation: 0,
    superseded: false,
  });
  return promises;
}

function watchLedger(world: World, watched: ReadonlyMap<string, ReleasePromises>): void {
  const { dynamodb } = world;
  world.dynamodb = {
    ...dynamodb,
    async handle(request) {
      const id = writtenItem(request);
      const promises = id === undefined ? undefined : watched.get(id);
      if (promises && isRemoval(request)) check(world, () => promises.itemExpired());
      if (promises && id) noteOwner(request, id, promises, world);
      const response = await dynamodb.handle(request);
      const item = promises && dynamodb.items('ledger').find((each) => each.id?.S === id);
      if (!promises || !item) return response;
      check(world, () => {
        const wasMarked = promises.released.size;
        const parse = () => parseStoredItem(item as unknown as Record<string, AttributeValue>);
        promises.itemWritten(Object.keys(item), parse);
        countTooNew(world, item);
        if (promises.released.size === wasMarked) return;
        for (const arn of promises.released) world.releases?.released.add(arn);
        beginOutage(world);
      });
      return response;
    },
  };
}

/** Begins the outage that is planned for the first release. */
function beginOutage({ releases, scenario, time }: World): void {
  const { outageAtMark: planned } = releases?.plan ?? {};
  if (!releases || !planned) return;
  const { random } = releases;
  const outage = outageFrom(planned.service, { random, fromMs: time.nowMs(), lengthMs: planned.lengthMs });
  scenario.outages = [...(scenario.outages ?? []), outage];
  delete releases.plan.outageAtMark;
}

/** Counts the rooms whose release is due before calls see them. */
function countTooNew(world: World, { status, release_shard, release_due_at, decided_at, room_arn }: Item): void {
  const { plan, tooNew } = world.releases ?? {};
  const arn = room_arn?.S;
  if (!plan || !tooNew || typeof arn !== 'string' || tooNew.has(arn)) return;
  const isHidden = Number(release_due_at?.N) < Number(decided_at?.N) + plan.newRoomLagMs;
  if (status?.S !== 'COMPLETED' || release_shard === undefined || !isHidden) return;
  tooNew.add(arn);
  count(world, 'release due while the room is too new to be seen');
}

function isRemoval({ headers }: ServiceRequest): boolean {
  return headers['x-amz-target']?.endsWith('.DeleteItem') === true;
}

/** The id of the ledger item that a request writes or removes. */
function writtenItem({ headers, body }: ServiceRequest): string | undefined {
  const target = headers['x-amz-target'] ?? '';
  if (!target.endsWith('.UpdateItem') && !target.endsWith('.DeleteItem')) return undefined;
  const { TableName, Key } = JSON.parse(body.toString('utf8'));
  return TableName === 'ledger' ? Key.id.S : undefined;
}

/** Notes whose message begins a new generation. */
function noteOwner({ body }: ServiceRequest, id: string, promises: ReleasePromises, world: World): void {
  const values = JSON.parse(body.toString('utf8')).ExpressionAttributeValues ?? {};
  const [token, sentAtMs] = [values[':token']?.S, Number(values[':sent_at']?.N)];
  if (token === undefined || !Number.isFinite(sentAtMs)) return;
  const askers = [...world.sent.values()].filter((each) => ledgerKey(each.idempotencyKey) === id).map(requestAsker);
  const begunAfterMs = Number(values[':begun_after']?.N);
  const owner = ownerOf(askers, { sentAtMs, begunAfterMs, payloadHash: values[':payload_hash']?.S });
  if (owner) promises.noteOwner(token, owner);
}

/**
 * Whose message begins a generation. An operator may send several messages back at the same moment. Then only the time at which each was first
 * sent tells them apart.
 */
export function ownerOf(
  askers: readonly Asker[],
  written: { sentAtMs: number; begunAfterMs: number; payloadHash: string | undefined },
): Asker | undefined {
  const { sentAtMs, begunAfterMs, payloadHash } = written;
  const alike = askers.filter((each) => each.sentAtMs === sentAtMs && each.payloadHash === payloadHash);
  return alike.find(({ askedAtMs }) => askedAtMs - 1 === begunAfterMs) ?? alike[0];
}

function watchRooms(world: World, watched: ReadonlyMap<string, ReleasePromises>): void {
  const { ivsChat } = world;
  world.ivsChat = {
    ...ivsChat,
    async handle(request) {
      const response = await ivsChat.handle(request);
      const rooms = Map.groupBy(ivsChat.admin.rooms(), ({ tags }) => tags[KEY_TAG] ?? '');
      check(world, () => {
        for (const [id, promises] of watched) promises.roomsChanged(rooms.get(id) ?? []);
      });
      return response;
    },
  };
}

function watchTopic(world: World, watched: ReadonlyMap<string, ReleasePromises>): void {
  const { messaging } = world;
  const { sns } = messaging;
  messaging.sns = (request) => {
    const response = sns(request);
    const last = messaging.published.at(-1);
    if (last) check(world, () => watched.get(ledgerKey(JSON.parse(last.body).subject))?.published(eventOf(last)));
    return response;
  };
}
