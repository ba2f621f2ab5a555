import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { queueAttributes, until } from '../../support/gateway-clients.ts';
import { type ConsumerStack, openConsumerStack } from './consumer-stack.ts';

/** Uses an outcome only when it is delivered for the second time. */
const FAILS_FIRST = `
  const tried = new Set();
  export async function useOutcome({ id, event }) {
    if (tried.size === tried.add(id).size) console.log(JSON.stringify({ message: 'Room ready', key: event.subject }));
    else throw new Error('The first attempt fails');
  }`;

let service: ConsumerStack;
beforeAll(async () => {
  service = await openConsumerStack([
    { name: 'sample' },
    // Powertools then calls the function without the conditional write.
    { name: 'control', variables: { POWERTOOLS_IDEMPOTENCY_DISABLED: 'true' } },
    { name: 'failing', useOutcome: FAILS_FIRST, visibilitySeconds: 3 },
  ]);
}, 120_000);
afterAll(() => service.close());

/** A record of the batch that Lambda passes to the function. */
const record = (messageId: string, body: object | string) => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

function provisioned(id: string, subject: string) {
  const room = { arn: `arn:aws:ivschat:eu-west-1:000000000000:room/${subject}`, id: subject };
  const data = { idempotencyKey: subject, tenant: 'default', region: 'eu-west-1', generation: 0, late: false, room };
  const event = {
    specversion: '1.0',
    id: id.padEnd(64, '0'),
    source: '/greenroom/local',
    time: new Date().toISOString(),
  };
  const type = 'greenroom.room.provisioned.v1';
  return { ...event, type, subject, datacontenttype: 'application/json', data: { ...data, outcome: 'created' } };
}

describe('the Lambda consumer', () => {
  test('uses the completion of a repeated request once; without the conditional write, it is used twice', async () => {
    await service.request('repeated');
    for (const name of ['sample', 'control']) await service.untilLogged(name, 'Room ready', '"key":"repeated"');
    await service.request('repeated');
    await service.untilLogged('sample', 'Repeat dropped', '');
    await service.untilLogged('control', 'Room ready', '"key":"repeated"', 2);
    const used = (name: string) => service.logged(name, 'Room ready', '"key":"repeated"');
    expect({ sample: used('sample'), control: used('control') }).toEqual({ sample: 1, control: 2 });
  });

  test('uses a completion once that is twice in a batch, and reports only the message that cannot be read', async () => {
    const twice = provisioned('a', 'twice');
    const Records = [
      record('1', twice),
      record('2', 'no JSON'),
      record('3', twice),
      record('4', provisioned('b', 'other')),
    ];
    const result = await service.stack.invoke('sample-consumer', { Records });
    expect(result).toMatchObject({ payload: { batchItemFailures: [{ itemIdentifier: '2' }] } });
    await service.untilLogged('sample', 'Room ready', '"key":"other"');
    expect(service.logged('sample', 'Room ready', '"key":"twice"')).toBe(1);
  });

  test('uses a completion at the next delivery if the first attempt fails, and parks a message that it cannot read', async () => {
    const QueueUrl = await service.queueUrl('failing-completions');
    const bodies = ['no JSON', JSON.stringify(provisioned('c', 'retried'))];
    const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await service.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await service.untilLogged('failing', 'Not done', 'The first attempt fails');
    await service.untilLogged('failing', 'Room ready', '"key":"retried"');
    const dead = await service.queueUrl('failing-completions-dead');
    await until(async () => {
      const { ApproximateNumberOfMessages } = await queueAttributes(service.sqs, dead);
      return ApproximateNumberOfMessages === '1' || undefined;
    }, 60_000);
  });

  test('needs every permission of its template, and no other', () => {
    expect(service.unusedBy('sample').filter((action) => service.unusedBy('failing').includes(action))).toEqual([]);
    expect(service.denied).toEqual([]);
    // Control: the copy without the conditional write does not use the table.
    expect(service.unusedBy('control')).toEqual(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem']);
  });
});
