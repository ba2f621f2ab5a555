import { afterEach, expect, test } from '@jest/globals';
import { fireSchedules, playEvents, remindOverdueEvent, waitForDamagedEvent } from '../paths/live-events.ts';
import { abandonReport, completeJob, endStoppedJob, readWithoutLane, refuseManifests } from '../paths/manifests.ts';
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
