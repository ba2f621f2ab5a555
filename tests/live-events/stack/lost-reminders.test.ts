import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteScheduleCommand, ListSchedulesCommand } from '@aws-sdk/client-scheduler';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RosterEvent, rosterEventSchema } from '../../../lib/contract/roster-event.ts';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../../../lib/live-events/read-live-event-item.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import {
  connect,
  createQueue,
  OPEN_TO_SERVICES,
  receiveAll,
  sendAll,
  type TestQueue,
  until,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** The event that an EventBridge rule sends: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
const SCHEDULED_EVENT = { version: '0', source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const ABSENT = 'arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/absent';

let stack: Stack;
let clients: ReturnType<typeof connect>;
let completions: TestQueue;
beforeAll(async () => {
  const file = templateFile(join(import.meta.dirname, '../../..'));
  stack = await startStack({ templateFile: file, seed: 1, calm: true, isolation: 'thread' });
  clients = connect(stack.endpoint);
  // Each message is received once.
  completions = await createQueue(clients.sqs, { Policy: OPEN_TO_SERVICES, VisibilityTimeout: '600' });
  await clients.sns.send(
    new SubscribeCommand({
      TopicArn: stack.outputs.CompletionTopic,
      Protocol: 'sqs',
      Endpoint: completions.arn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
});
afterAll(async () => {
  clients.disconnect();
  await stack.stop();
});

const TableName = () => must(stack.outputs.RosterTable);
const item = (id: string) => readLiveEventItem(id, { rosters: { dynamodb: clients.dynamoDb, tableName: TableName() } });

async function schedule(liveEventId: string, startsInMs: number, changes: object): Promise<void> {
  const startsAt = new Date(Date.now() + startsInMs).toISOString();
  const rooms = [{ key: 'main', room: { name: liveEventId } }];
  const body = JSON.stringify({ liveEventId, revision: 1, startsAt, rooms, ...changes });
  await sendAll(clients.sqs, must(stack.outputs.LiveEventsQueue), [{ body }]);
  await until(async () => await item(liveEventId));
}

async function schedules(): Promise<{ Name?: string | undefined; GroupName?: string | undefined }[]> {
  const { Schedules = [] } = await clients.scheduler.send(new ListSchedulesCommand({}));
  return Schedules;
}

const rearm = () => stack.invoke('schedule-live-events', SCHEDULED_EVENT);

test('events whose schedules were deleted get their rooms and their warning, each once', async () => {
  const room = { loggingConfigurationIdentifiers: [ABSENT] };
  await schedule('opening', 10 * MINUTE_MS + 75 * SECOND_MS, { leadTime: 'PT10M' });
  await schedule('overdue', 30 * MINUTE_MS, { leadTime: 'PT10M' });
  // Its lead time has begun, so it is opened at once, and checked halfway to its start. It lacks a room that cannot be created.
  await schedule('check', 150 * SECOND_MS, { leadTime: 'PT4M', rooms: [{ key: 'main', room }] });
  const events: RosterEvent[] = [];
  const collectEvents = async () => {
    for (const { Body = '' } of await receiveAll(clients.sqs, completions.url)) {
      const { data } = rosterEventSchema.safeParse(JSON.parse(Body));
      if (data) events.push(data);
    }
  };
  await until(async () => ((await schedules()).length === 5 ? true : undefined));
  for (const { Name, GroupName } of await schedules())
    await clients.scheduler.send(new DeleteScheduleCommand({ Name, GroupName }));
  // As in a table that was restored long after the event should have been opened.
  await clients.dynamoDb.send(
    new UpdateItemCommand({
      TableName: TableName(),
      Key: liveEventKey('overdue'),
      UpdateExpression: 'SET opens_at = :passed, expected_at = :passed, accepted_at = :passed',
      ExpressionAttributeValues: { ':passed': { N: String(Date.now() - 3 * MINUTE_MS) } },
    }),
  );
  expect(await rearm()).toEqual({ kind: 'ok', payload: { overdue: 1, examined: 4, rearmed: 4, left: 0 } });
  await until(async () => ((await item('overdue'))?.live_state === 'opened' ? true : undefined));
  expect(await rearm()).toMatchObject({ payload: { overdue: 0, rearmed: 0 } });
  expect(await item('opening')).toMatchObject({ live_state: 'pending' });

  const isDone = async () => {
    await collectEvents();
    const [opening, check] = [await item('opening'), await item('check')];
    return opening?.live_state === 'opened' && check?.live_state === 'opened' && check.checked_revision === 1;
  };
  await until(async () => ((await isDone()) ? true : undefined), 110 * SECOND_MS);
  await until(async () => {
    await collectEvents();
    return events.filter(({ type }) => type === 'greenroom.roster.completed.v1').length === 3 ? true : undefined;
  }, 20_000);
  const names = stack.ivsChat.rooms().map(({ name }) => name);
  expect(names.sort()).toEqual(['opening', 'overdue']);
  const warnings = events.filter(({ type }) => type === 'greenroom.roster.at-risk.v1');
  expect(warnings).toMatchObject([{ data: { liveEvent: { liveEventId: 'check' }, cause: 'check' } }]);
  const opened = await item('opening');
  const lateMs = opened?.live_state === 'opened' ? opened.opened_at - opened.opens_at : Number.NaN;
  expect(Math.abs(lateMs)).toBeLessThan(10 * SECOND_MS);
}, 200_000);
