import { DeleteScheduleGroupCommand } from '@aws-sdk/client-scheduler';
import { expect } from '@jest/globals';
import { must } from '../../support/must.ts';
import type { Deployed } from '../compiled-template.ts';
import { HOUR_MS, MINUTE_MS } from '../deployment.ts';
import { type Day, runFault, untilOn, untilOver } from './day.ts';
import { commandsUnder } from './guide.ts';

const OLD_INTERACTIVE = 'OldestInteractiveRequestAlarm';
const FULL_REGION = 'us-west-2';

/** The only command that contains a text. */
function theOne(commands: readonly string[], text: string): string {
  const [command, ...others] = new Set(commands.filter((each) => each.includes(text)));
  if (others.length > 0) throw new Error(`Several commands contain ${text}`);
  return must(command);
}

/** SNS refuses every message for an hour. */
export function anHourWithoutSns(day: Day): Promise<void> {
  const { world, operator } = day;
  return runFault(['PublishFailuresAlarm', OLD_INTERACTIVE], day, async () => {
    const endMs = world.time.nowMs() + HOUR_MS;
    world.services.refuse(({ service }) => service === 'sns');
    const { see } = await untilOn('PublishFailuresAlarm', day);
    await world.run(endMs - world.time.nowMs());
    expect(await operator.run(theOne(see, 'logs tail'))).toContain('ECONNREFUSED sns');
    world.services.refuse(() => false);
    await untilOver('PublishFailuresAlarm', 'two hours after', 2 * HOUR_MS, day);
    await untilOver(OLD_INTERACTIVE, 'two hours after', 2.5 * HOUR_MS, day);
  });
}

/** A region reaches its quota of rooms while a manifest is read. */
export function aRegionOutOfQuota(day: Day): Promise<void> {
  const { world, operator, traffic } = day;
  return runFault(['BreakerOpenAlarm', OLD_INTERACTIVE], day, async () => {
    world.services.setRoomQuota(FULL_REGION, 10);
    traffic.importRows('import', 40, FULL_REGION);
    traffic.request('interactive', 'in-the-full-region', FULL_REGION);
    const { see, do: todo } = await untilOn('BreakerOpenAlarm', day);
    expect(await operator.run(theOne(see, 'greenroom pace'))).toMatch(/us-west-2 .* open \(quota/);
    const instead = { REGION: FULL_REGION };
    expect(await operator.run(theOne(see, 'logs tail'), instead)).toContain('"reason":"quota"');
    const [CODE = '', value] = (await operator.run(theOne(todo, 'list-service-quotas'), instead)).split('\t');
    expect(value).toBe('10');
    const command = theOne(todo, 'request-service-quota-increase');
    await operator.run(command, { ...instead, CODE, ROOMS: '1000' });
    // The next probe comes within an hour.
    await untilOver('BreakerOpenAlarm', 'two hours after', 3 * HOUR_MS, day);
    expect(await operator.run(theOne(see, 'greenroom pace'))).not.toContain('open (');
    await untilOver(OLD_INTERACTIVE, 'two hours after', 2 * HOUR_MS, day);
  });
}

/** A message without a readable key. */
export function anUnreadableMessage(day: Day): Promise<void> {
  const { world, operator } = day;
  const alarm = 'ParkedRequestsAlarm';
  return runFault([alarm], day, async () => {
    world.queue('interactive').send('not JSON');
    const { see } = await untilOn(alarm, day);
    const [ID = ''] = /^\w{8}(?= .*unparseable)/m.exec(await operator.run(theOne(see, 'parked'))) ?? [];
    const commands = commandsUnder('Messages in the parked queue');
    const removed = await operator.run(theOne(commands, 'parked remove ID'), { ID });
    expect(removed).toContain('"body":"not JSON"');
    await untilOver(alarm, 'when the parked queue is empty', 0, day);
  });
}

/** A message crashes every process that handles it, for a day. */
export function aPoisonMessage(day: Day): Promise<void> {
  const { world, operator, traffic } = day;
  const alarms = ['ProvisionRoomsErrorsAlarm', 'InteractiveDeadLettersAlarm', 'ParkedRequestsAlarm'] as const;
  const [errors, deadLetters, parked] = alarms;
  return runFault(alarms, day, async () => {
    const provision = world.function('provision-rooms');
    provision.crashesOn = (body) => body.includes('"poison"');
    traffic.request('interactive', 'poison');
    const poison = must(world.queue('interactive').messages().at(-1));
    const { see } = await untilOn(errors, day);
    await world.run(HOUR_MS);
    const log = await operator.run(theOne(see, 'logs tail'));
    expect(log).toContain('Runtime exited');
    expect(log).toContain(`"messageId":"${poison.id}"`);

    while (poison.gone === undefined) await world.run(MINUTE_MS);
    const dead = await untilOn(deadLetters, day);
    await untilOver(deadLetters, 'after a few minutes', 5 * MINUTE_MS, day);
    const { see: seeParked } = await untilOn(parked, day);
    const [ID = ''] = /^\w{8}(?= .*dead-lettered)/m.exec(await operator.run(theOne(seeParked, 'parked'))) ?? [];
    expect(await operator.run(theOne(dead.see, 'parked show'), { ID })).toContain(poison.id);
    provision.crashesOn = () => false;
    expect(await operator.run(theOne(dead.do, '--dry-run'))).toContain('would be sent back to interactive');
    expect(await operator.run(theOne(dead.do, '--yes'))).toContain('Sent back 1 of 1 messages');
    await untilOver(parked, 'when the parked queue is empty', 0, day);
    await untilOver(errors, 'less than an hour after', HOUR_MS, day);
  });
}

/** The schedule group is deleted by hand, and with it all schedules. */
export function aRemovedScheduleGroup(day: Day): Promise<void> {
  const { world, operator } = day;
  const alarm = 'ScheduleLiveEventsErrorsAlarm';
  return runFault([alarm, 'OldestLiveEventMessageAlarm'], day, async () => {
    const { scheduler } = world.services.clients;
    await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'greenroom-prod-live-events' }));
    const { see, do: todo, text } = await untilOn(alarm, day);
    expect(text).toContain('the function that the alarm names');
    const log = await operator.run(theOne(see, 'logs tail'), { 'provision-rooms': 'schedule-live-events' });
    expect(log).toContain('MissingScheduleGroupError');
    // During this time, events open and are checked.
    await world.run(3 * HOUR_MS);
    const command = theOne(todo, 'create-schedule-group');
    expect(commandsUnder('Live events')).toContain(command);
    await operator.run(command);
    await untilOver(alarm, 'less than an hour after', HOUR_MS, day);
    await untilOver('OldestLiveEventMessageAlarm', 'an hour after', 2 * HOUR_MS, day);
  });
}

/** A deployment whose template lacks a permission of a function. */
export function aMissingPermission(faulty: Deployed, day: Day): Promise<void> {
  const { world, operator, traffic } = day;
  const alarm = 'OldestRosterMessageAlarm';
  return runFault([alarm], day, async () => {
    await world.services.permissions.deployRoles(faulty);
    traffic.importRows('second-import', 20, 'eu-west-1');
    const { see } = await untilOn(alarm, day);
    const log = await operator.run(theOne(see, 'logs tail'));
    expect(log).toMatch(
      /assumed-role\/TrackRostersRole\/.* is not authorized to perform: dynamodb:UpdateItem on resource/,
    );
    await operator.run(theOne(commandsUnder('A permission is missing'), 'serverless deploy'));
    await untilOver(alarm, 'all messages are received within an hour', 2 * HOUR_MS, day);
  });
}
