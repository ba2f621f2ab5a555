import { afterEach, expect, test } from '@jest/globals';
import { fireSchedules, playEvents, remindOverdueEvent, waitForDamagedEvent } from '../paths/live-events.ts';
import { abandonReport, completeJob, endStoppedJob, readWithoutLane, refuseManifests } from '../paths/manifests.ts';
import { giveAway, makeDueRoom, releaseDueRoom, releaseUntil } from '../paths/releases.ts';
import {
  announceFromEveryQueue,
  loseKeyWhileAdopting,
  loseKeyWhileCreating,
  provisionFromEveryQueue,
  sweepExtraRoom,
} from '../paths/requests.ts';
import { openWorld, type World, withStatements } from '../paths/world.ts';

let world: World;
afterEach(() => world.close());

const unused = () =>
  world.stack.iam
    .unusedGrants()
    .map(({ holder, grant }) => `${holder}, ${grant.sid}: ${grant.action} on ${grant.resource}`);

/** A permission that no function needs. If it were not reported as unused, the test could not find unused permissions. */
const CONTROL = {
  Sid: 'Control',
  Effect: 'Allow',
  Action: 'ivschat:UpdateRoom',
  Resource: 'arn:aws:ivschat:*:*:room/*',
};

test('every permission of every role is used, except one that no function needs, and no role lacks a permission', async () => {
  world = await openWorld((id, resource) =>
    id === 'ProvisionRoomsRole' ? withStatements(resource, (statements) => [...statements, CONTROL]) : resource,
  );
  await provisionFromEveryQueue(world);
  await loseKeyWhileCreating(world);
  await announceFromEveryQueue(world);
  await loseKeyWhileAdopting(world);
  const finished = await completeJob(world);
  await refuseManifests(world);
  await endStoppedJob(world, finished);
  await abandonReport(world, finished);
  await playEvents(world);
  await remindOverdueEvent(world);
  await waitForDamagedEvent(world);
  await fireSchedules(world);
  await sweepExtraRoom(world);
  await releaseDueRoom(world);
  await readWithoutLane(world);
  expect(unused()).toEqual(['ProvisionRoomsRole, Control: ivschat:UpdateRoom on arn:aws:ivschat:*:*:room/*']);
  expect(world.denied).toEqual([]);
}, 300_000);

test('a permission that a role lacks is found, because its call is refused', async () => {
  world = await openWorld((id, resource) =>
    id === 'ProvisionRoomsRole'
      ? withStatements(resource, (statements) => statements.filter(({ Sid }) => Sid !== 'PublishCompletions'))
      : resource,
  );
  await world.send('InteractiveQueue', { idempotencyKey: 'unpublished', room: {} });
  await world.logged(/provision-rooms: .*publish-failed/);
  expect(world.denied).toContainEqual({
    caller: 'arn:aws:sts::000000000000:assumed-role/ProvisionRoomsRole/greenroom-local-provision-rooms',
    action: 'sns:Publish',
    resource: 'arn:aws:sns:eu-west-1:000000000000:greenroom-local-completions',
    because: 'because no identity-based policy allows it',
  });
}, 60_000);

const RELEASER = 'arn:aws:sts::000000000000:assumed-role/ReleaseRoomsRole/greenroom-local-release-rooms';
const deletionsDenied = () =>
  world.denied.filter(({ caller, action }) => caller === RELEASER && action === 'ivschat:DeleteRoom');

test('a room that is due, but has the tag of another stage, is not deleted, because the role may not delete it', async () => {
  world = await openWorld();
  const arn = await makeDueRoom(world, 'given away');
  await giveAway(world, arn);
  await releaseUntil(world, 'given away', () => deletionsDenied().length > 0);
  expect(deletionsDenied()[0]).toMatchObject({ resource: arn, because: 'because no identity-based policy allows it' });
  expect(world.stack.ivsChat.rooms().map((room) => room.arn)).toContain(arn);
  const item = await world.untilItem('given away', () => true);
  expect(item.release_marked_at).toBeDefined();
  expect(item.released_at).toBeUndefined();
}, 120_000);

test('a room whose deletion was not answered is released, although the role may not delete rooms that have no tags any more', async () => {
  world = await openWorld();
  const arn = await makeDueRoom(world, 'lost');
  world.stack.ivsChat.inject({ operation: 'DeleteRoom', fault: { lostResponse: true } });
  await releaseUntil(world, 'lost', ({ release_marked_at }) => release_marked_at !== undefined);
  await world.lookAgain('lost');
  await releaseUntil(world, 'lost', ({ released_at }) => released_at !== undefined);
  expect(deletionsDenied()).toMatchObject([{ resource: arn }]);
}, 120_000);
