import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { until } from '../../support/gateway-clients.ts';
import { REGION, type World } from './world.ts';

const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:000000000000:${name}`;
const minutesAhead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

function liveEvent(revision: number, minutes: number) {
  return {
    liveEventId: 'show',
    revision,
    startsAt: minutesAhead(minutes),
    leadTime: 'PT30M',
    rooms: [{ key: 'main', room: { name: 'main' } }],
  };
}

const handled = (world: World, kind: string) =>
  world.logged(new RegExp(`schedule-live-events: .*Live event message handled.*"kind":"${kind}"`));

/** schedule-live-events: an event that is announced, moved, opened and cancelled; and messages that cannot be read. */
export async function playEvents(world: World): Promise<void> {
  await world.send('LiveEventsQueue', liveEvent(1, 300));
  await world.untilDone('LiveEventsQueue');
  await world.send('LiveEventsQueue', liveEvent(2, 200));
  await world.untilDone('LiveEventsQueue');
  await world.send('LiveEventsQueue', liveEvent(3, 20));
  await world.untilItem('live/show/main', ({ status }) => status?.S === 'COMPLETED');
  await world.untilDone('LiveEventsQueue');
  await world.send('LiveEventsQueue', { liveEventId: 'show', revision: 4, cancelled: true });
  await world.send('LiveEventsQueue', 'no event');
  await world.send('LiveEventsDeadLetterQueue', 'no event');
  await world.untilDone('LiveEventsQueue');
  await world.untilDone('LiveEventsDeadLetterQueue');
}

/** schedule-live-events: an event whose item cannot be read, so that its message waits. */
export async function waitForDamagedEvent(world: World): Promise<void> {
  const { rosterTable: TableName, dynamodb } = world.deployment;
  const Item = { pk: { S: 'roster#damaged' }, sk: { S: 'live-event' }, schema_version: { N: '99' } };
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  await world.send('LiveEventsQueue', { ...liveEvent(1, 300), liveEventId: 'damaged' });
  await handled(world, 'postponed');
}

/** schedule-live-events: its five-minute run, for an event whose reminder did not come. */
export async function remindOverdueEvent(world: World): Promise<void> {
  const { stack, deployment } = world;
  await world.send('LiveEventsQueue', { ...liveEvent(1, 300), liveEventId: 'overdue' });
  await world.untilDone('LiveEventsQueue');
  await deployment.dynamodb.send(
    new UpdateItemCommand({
      TableName: deployment.rosterTable,
      Key: liveEventKey('overdue'),
      UpdateExpression: 'SET opens_at = :passed, expected_at = :passed',
      ExpressionAttributeValues: { ':passed': { N: String(Date.now() - 10 * 60_000) } },
    }),
  );
  await stack.invoke('schedule-live-events', { source: 'aws.events', 'detail-type': 'Scheduled Event' });
  await world.untilDone('LiveEventsQueue');
}

/** EventBridge Scheduler: a reminder that the queue accepts, and one that it refuses, which goes to the dead-letter queue. */
export async function fireSchedules(world: World): Promise<void> {
  const { scheduler, deployment, stack } = world;
  const QueueUrl = world.queue('LiveEventsQueue');
  const schedule = (Name: string, Input: string, MaximumRetryAttempts: number) =>
    new CreateScheduleCommand({
      Name,
      GroupName: 'greenroom-local-live-events',
      ScheduleExpression: 'at(2026-01-01T00:00:00)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: arn('sqs', 'greenroom-local-live-events'),
        RoleArn: 'arn:aws:iam::000000000000:role/SchedulerRole',
        Input,
        DeadLetterConfig: { Arn: arn('sqs', 'greenroom-local-scheduler-dead-letters') },
        RetryPolicy: { MaximumRetryAttempts },
      },
    });
  await scheduler.send(schedule('taken', '"text"', 3));
  await world.untilDone('LiveEventsQueue');
  const limit = (MaximumMessageSize: string) =>
    deployment.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MaximumMessageSize } }));
  await limit('1024');
  await scheduler.send(schedule('too-large', JSON.stringify('x'.repeat(2_000)), 0));
  await until(
    async () => !stack.iam.unusedGrants().some(({ holder }) => holder === 'SchedulerRole') || undefined,
    60_000,
  );
  await limit('983040');
}
