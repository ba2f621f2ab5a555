import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGreenroom, type Greenroom } from '../../../client/greenroom.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { REGION } from '../paths/world.ts';
import { filledPolicy, STAGE } from '../policy-files.ts';
import { copyAsStage } from '../stage-copy.ts';

let copy: ReturnType<typeof copyAsStage>;
let stack: Stack;

beforeAll(async () => {
  copy = copyAsStage();
  stack = await startStack({ templateFile: copy.templateFile, seed: 1, calm: true, isolation: 'thread' });
});
afterAll(async () => {
  await stack.stop();
  copy.remove();
});

/** A program with this policy and nothing else. */
function program(name: string, policy: unknown = filledPolicy(name)): Greenroom {
  const credentials = { accessKeyId: stack.iam.putUser(name, policy), secretAccessKey: 'local' };
  return createGreenroom({ stage: STAGE, region: REGION, sdk: { endpoint: stack.endpoint, credentials } });
}

/** What the policy of a program permits although it has not been needed. */
function unusedBy(name: string): string[] {
  const grants = stack.iam.unusedGrants().filter(({ holder }) => holder === name);
  return grants.map(({ grant }) => `${grant.sid}: ${grant.action} on ${grant.resource}`);
}

const REFUSED = { name: expect.stringMatching(/^AccessDenied/) };
const startsAt = new Date(Date.now() + 20 * 60_000).toISOString();

/** Every operation of the client. */
async function useEverything(greenroom: Greenroom): Promise<void> {
  const event = { liveEventId: 'gala', revision: 1, startsAt, rooms: [{ key: 'main', room: {} }] };
  expect(await greenroom.requestRoom({ idempotencyKey: 'one', room: {} })).toMatchObject({ kind: 'sent' });
  expect(await greenroom.requestRooms([{ idempotencyKey: 'two', room: {} }], { lane: 'bulk' })).toMatchObject([
    { kind: 'sent' },
  ]);
  expect(await greenroom.waitFor('one', { timeoutSeconds: 30 })).toMatchObject({ kind: 'provisioned' });
  expect(await greenroom.schedule(event)).toMatchObject({ kind: 'sent' });
  expect(await greenroom.waitFor('live/gala/main', { timeoutSeconds: 30 })).toMatchObject({
    kind: 'provisioned',
  });
  expect(await greenroom.cancel('gala')).toMatchObject({ kind: 'sent', revision: 2 });
  expect(await greenroom.release('one', { releaseAt: null })).toMatchObject({ kind: 'sent' });
  const file = { name: 'rooms.csv', content: 'key,name\nthree,hall\n' };
  expect(await greenroom.importRooms(file)).toMatchObject({ kind: 'uploaded', members: 1 });
  expect(await greenroom.waitFor('three', { timeoutSeconds: 30 })).toMatchObject({ kind: 'provisioned' });
}

describe('program.json', () => {
  test('suffices for every operation of the client, and permits nothing that they do not need', async () => {
    await using greenroom = program('program');
    await useEverything(greenroom);
    expect(unusedBy('program')).toEqual([]);
  }, 120_000);

  const file = { name: 'rooms.csv', content: 'key,name\nthree,hall\n' };
  test.each<[string, (greenroom: Greenroom) => Promise<unknown>]>([
    ['SendRequestsAndLiveEvents', (greenroom) => greenroom.requestRoom({ idempotencyKey: 'one', room: {} })],
    ['ReadTheRoomOfAKey', (greenroom) => greenroom.roomFor('one')],
    ['CancelLiveEvents', (greenroom) => greenroom.cancel('gala')],
    ['FindTheBucket', (greenroom) => greenroom.importRooms(file)],
    ['ImportRooms', (greenroom) => greenroom.importRooms(file)],
  ])('without its statement %s denies an operation, so a missing permission is found', async (sid, operation) => {
    const policy = Object(filledPolicy('program'));
    const Statement = policy.Statement.filter(({ Sid }: { Sid: string }) => Sid !== sid);
    expect(Statement).toHaveLength(policy.Statement.length - 1);
    await using greenroom = program(`without-${sid}`, { ...policy, Statement });
    await expect(operation(greenroom)).rejects.toMatchObject(REFUSED);
  });
});

describe('room-reader.json', () => {
  test('suffices for the rooms of keys, and permits nothing else', async () => {
    await using reader = program('room-reader');
    expect(await reader.roomFor('one')).toMatchObject({ kind: 'provisioned' });
    expect(await reader.waitFor('live/gala/main')).toMatchObject({ kind: 'provisioned' });
    expect(unusedBy('room-reader')).toEqual([]);
    await expect(reader.requestRoom({ idempotencyKey: 'four', room: {} })).rejects.toMatchObject(REFUSED);
    await expect(reader.release('one', { releaseAt: 'now' })).rejects.toMatchObject(REFUSED);
    await expect(reader.cancel('gala')).rejects.toMatchObject(REFUSED);
  }, 60_000);
});
