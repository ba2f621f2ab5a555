import { marshall } from '@aws-sdk/util-dynamodb';
import { DEFAULT_QUOTAS } from '../../emulator/ivschat/quotas.ts';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { ledgerKey, payloadHash } from '../../lib/contract/keys.ts';
import type { Wish } from '../../lib/contract/release-wish.ts';
import { ownTags } from '../../lib/ledger/room-tags.ts';
import { releaseShard } from '../../lib/ledger/wish.ts';
import { config } from '../fixtures/simulated-stage.ts';
import type { Asker } from '../protocol/release-promises.ts';
import { START_MS, type World } from './world.ts';

const REGION = 'eu-west-1';
const MADE_MS = START_MS - 24 * 3_600_000;
const ROOM = { name: 'seat' };

/** A room that exists before the run, and whose release was requested. */
export interface CrowdMember {
  idempotencyKey: string;
  id: string;
  arn: string;
  asker: Asker;
}

/** Creates rooms that are all due at the same moment, with their items. */
export async function seedCrowd(world: World): Promise<CrowdMember[]> {
  const { releases, ivsChat } = world;
  if (releases === undefined) return [];
  const { count, dueAtMs } = releases.plan.crowd;
  if (count === 0) return [];
  ivsChat.admin.setQuotas({ burst: count + 1 });
  const members: CrowdMember[] = [];
  for (let number = 0; number < count; number++)
    members.push(await seedMember(world, `crowd-${number}`, { releaseAtMs: dueAtMs, wishedAtMs: MADE_MS }));
  ivsChat.admin.setQuotas({ burst: DEFAULT_QUOTAS.burst });
  for (const { id } of members) releases.crowd.add(id);
  return members;
}

async function seedMember(world: World, idempotencyKey: string, wish: Wish): Promise<CrowdMember> {
  const id = ledgerKey(idempotencyKey);
  const claim = { id, claim_id: `claim of ${idempotencyKey}`, generation: 0 };
  const call = { query: new URLSearchParams(), region: REGION, method: 'POST' };
  const tags = ownTags(claim, config);
  const created = await world.ivsChat.handle({
    ...call,
    path: '/CreateRoom',
    headers: { authorization: 'before the run', 'x-amz-date': dateOf(world), 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ ...ROOM, tags })),
  });
  if ('lost' in created || created.status !== 200) throw new Error('A room of the crowd cannot be created');
  const room = JSON.parse(String(created.body));
  await world.dynamodb.handle({
    ...call,
    path: '/',
    headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
    body: Buffer.from(JSON.stringify({ TableName: 'ledger', Item: itemOf(idempotencyKey, claim, room, wish) })),
  });
  const asker: Asker = {
    kind: 'command',
    correlationId: `command for ${idempotencyKey}`,
    sentAtMs: MADE_MS,
    askedAtMs: MADE_MS,
    wish,
  };
  return { idempotencyKey, id, arn: room.arn, asker };
}

function itemOf(
  idempotencyKey: string,
  claim: { id: string; claim_id: string; generation: number },
  room: { arn: string; id: string; name: string },
  { releaseAtMs, wishedAtMs }: Wish,
) {
  const hash = payloadHash({ room: ROOM, region: REGION });
  const named = { stage: config.stage, idempotencyKey, tenant: 'default', region: REGION } as const;
  const decided = { claimId: claim.claim_id, generation: 0, payloadHash: hash, decidedAtMs: MADE_MS } as const;
  const completion = provisionedCompletion({ ...named, ...decided, outcome: 'created', late: false, room });
  return marshall({
    ...claim,
    ...{ schema_version: 2, region: REGION, tenant: 'default', lease_token: 'token', lease_end: 0, version: 4 },
    ...{ idempotency_key: idempotencyKey, payload_hash: hash, needed_by: MADE_MS, status: 'COMPLETED' },
    ...{ decision: 'room', decided_at: MADE_MS, completion: JSON.stringify(completion), room_arn: room.arn },
    ...{ release_at: releaseAtMs, release_wished_at: wishedAtMs, release_due_at: releaseAtMs },
    release_shard: releaseShard({ id: claim.id, region: REGION }),
    release_look_at: releaseAtMs + config.timing.clockErrorMs,
  });
}

function dateOf({ time }: World): string {
  return new Date(time.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
}
