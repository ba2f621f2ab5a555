import { CreateQueueCommand, PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readParkedMessage } from '../../../client/operate/parked-message.ts';
import { sendBack } from '../../../client/operate/send-back.ts';
import { readNotices } from '../../../lib/bulk/manifest-notice.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { parseLiveEventMessage } from '../../../lib/contract/live-event-message.ts';
import { rosterEventSchema } from '../../../lib/contract/roster-event.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { rosterCheckSchema } from '../../../lib/rosters/roster-check.ts';
import { openGateway, type Stack } from '../../support/gateway-clients.ts';
import { type Bench, createBench, DAY_MS } from '../../support/memory-bench.ts';
import { caseOf, type ParkedCase, recorded } from '../release.ts';

const messages = recorded('messages');
const parked: Record<string, ParkedCase> = {
  ...recorded('parked'),
  ...Object.fromEntries(
    messages.parked.map(({ about, body: MessageBody, attributes, sentBack }) => {
      const StringValue = attributes['greenroom-parked'] ?? '';
      const MessageAttributes = { 'greenroom-parked': { DataType: 'String', StringValue } };
      return [`live event, ${about}`, { about, sentBack, message: { MessageBody, MessageAttributes } }];
    }),
  ),
};

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const attributesOf = (given: Record<string, string>) =>
  Object.fromEntries(Object.entries(given).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]));

describe('messages of release 0.1.0 keep their meaning', () => {
  test.each(messages.roomRequests.map((each) => [`${each.by}: ${each.body.slice(0, 60)}`, each] as const))(
    'a room request of %s',
    async (_, { lane, body }) => {
      const { roster, neededBy } = JSON.parse(body);
      // Requests of live events have an absolute `neededBy`.
      if (neededBy !== undefined) bench.pass(Date.parse(neededBy) - 3_600_000 - bench.clock.nowMs());
      const eventSourceARN = `arn:aws:sqs:eu-west-1:000000000000:${lane}`;
      expect(await bench.handle(bench.memberRecord(body, { eventSourceARN }))).toMatchObject({ how: 'created' });
      expect(bench.messaging.published.at(-1)?.attributes).toMatchObject({ lane, roster });
    },
  );

  test('roster checks, due messages of both occasions, and notices of S3', () => {
    for (const { body } of messages.rosterChecks)
      expect(rosterCheckSchema.parse(JSON.parse(body)).checkRoster).toMatch(/^[0-9a-f]{64}$/);
    const defaults = { leadMs: 1_800_000, atRiskMs: 600_000, releases: false, region: 'eu-west-1', nowMs: 0 } as const;
    const due = messages.due.map(({ body }) => parseLiveEventMessage(body, defaults));
    expect(new Set(due.map((read) => read.kind === 'due' && read.occasion))).toEqual(new Set(['open', 'check']));
    const notices = messages.notices.map(({ body }) => readNotices(body).manifests.length);
    expect(notices).toEqual([...Array.from({ length: messages.notices.length - 1 }, () => 1), 0]);
  });

  test('completions, and events of rosters', () => {
    const completions = Object.values(recorded('completions'));
    for (const { published } of completions) completionSchema.parse(JSON.parse(published.body));
    for (const { body } of messages.rosterEvents) rosterEventSchema.parse(JSON.parse(body));
    const reasons = completions.map(({ published }) => published.attributes.reason).filter(Boolean);
    expect(new Set(reasons).size).toBe(8);
    expect(new Set(messages.rosterEvents.map(({ attributes }) => attributes.type)).size).toBe(4);
  });

  test('a request that was sent back claims its failed key again', async () => {
    const { message } = caseOf(recorded('ledger'), 'completed, failed: dead-lettered');
    await bench.putItem('ledger', caseOf(recorded('ledger'), 'completed, failed: dead-lettered').item);
    bench.pass(13 * DAY_MS);
    const { sentBack } = caseOf(parked, 'dead-lettered');
    const given = Object.entries(sentBack.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
    const messageAttributes = attributesOf(Object.fromEntries(given));
    expect(await bench.handle(bench.record(message.body, { messageAttributes }))).toMatchObject({ how: 'created' });
  });
});

describe('a message that release 0.1.0 has parked', () => {
  test.each(Object.entries(parked))('%s: its note can be read', (_, { message }) => {
    const { note, noteProblem } = readParkedMessage(receivedOf(message));
    expect(noteProblem).toBeUndefined();
    expect(note).toMatchObject(JSON.parse(message.MessageAttributes['greenroom-parked']?.StringValue ?? ''));
  });

  describe('can be sent back', () => {
    let stack: Stack;
    const urls = new Map<string, string>();

    beforeAll(async () => {
      stack = await openGateway();
      for (const name of ['interactive', 'bulk', 'live-events', 'redrive', 'parked']) {
        const { QueueUrl = '' } = await stack.sqs.send(new CreateQueueCommand({ QueueName: `greenroom-test-${name}` }));
        urls.set(name, QueueUrl);
      }
    });
    afterAll(() => stack.close());

    test.each(Object.entries(parked))('%s', async (_, { message, sentBack }) => {
      await stack.sqs.send(new SendMessageCommand({ QueueUrl: urls.get('parked') ?? '', ...message }));
      const [{ MessageId: id = '' } = {}] = await look('parked');
      const deployment = {
        ...stack,
        stage: 'test',
        region: 'eu-west-1',
        queueUrl: async (name: string) => urls.get(name) ?? '',
      };
      const settings = { perSecond: 10, clock: systemClock, signal: new AbortController().signal };
      const hidden = { onStillHidden: () => undefined };
      const results: unknown[] = [];
      for await (const result of sendBack(deployment as never, new Set([id]), { ...settings, ...hidden }))
        results.push(result);
      expect(results).toMatchObject([{ sent: true, lane: sentBack.lane }]);
      const back = (await Promise.all(['interactive', 'bulk', 'live-events', 'redrive'].map(look))).flat();
      expect(back.map(({ Body }) => Body)).toEqual([sentBack.MessageBody]);
      for (const name of ['interactive', 'bulk', 'live-events', 'redrive']) await clear(name);
    });

    async function look(name: string) {
      const QueueUrl = urls.get(name) ?? '';
      const command = new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 10 });
      return (await stack.sqs.send(command)).Messages ?? [];
    }

    async function clear(name: string) {
      await stack.sqs.send(new PurgeQueueCommand({ QueueUrl: urls.get(name) ?? '' }));
    }
  });

  test('outcome-unknown keeps its intent, and is reconciled when it is sent back', async () => {
    const { item, sentBack } = caseOf(parked, 'outcome-unknown');
    await bench.putItem('ledger', item ?? {});
    bench.pass(13 * DAY_MS);
    expect(await bench.handle(bench.record(sentBack.MessageBody))).toMatchObject({ kind: 'answered', how: 'failed' });
    expect(bench.callsOf('ListRooms')).toHaveLength(1);
    expect(bench.completions().at(-1).data).toMatchObject({ reason: 'expired' });
  });
});

function receivedOf({ MessageBody, MessageAttributes }: ParkedCase['message']) {
  const Attributes = { SentTimestamp: '1767225600000' };
  return { MessageId: 'parked', Body: MessageBody, Attributes, MessageAttributes };
}
