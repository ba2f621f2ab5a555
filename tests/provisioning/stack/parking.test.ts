import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { REGION } from '../../support/gateway-clients.ts';
import { contextUntil } from '../../support/lambda-context.ts';
import { openProvisioning, type Provisioning } from '../../support/provisioning.ts';

let stack: Provisioning;
beforeAll(async () => {
  stack = await openProvisioning();
});
afterAll(() => stack.close());

async function parkWithAttribute(StringValue: string) {
  await stack.clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: `${stack.endpoint}/000000000000/interactive`,
      MessageBody: 'no json',
      MessageAttributes: { origin: { DataType: 'String', StringValue } },
    }),
  );
  expect(await stack.deliver()).toEqual({ received: 1, done: 1, postponed: 0 });
  const [parked] = await stack.parked();
  expect(parked?.Body).toBe('no json');
  return JSON.parse(parked?.MessageAttributes?.['greenroom-parked']?.StringValue ?? '{}');
}

test('a parked message keeps its attributes in the note', async () => {
  const note = await parkWithAttribute('upstream');
  expect(note.originalAttributes).toEqual({ origin: { dataType: 'String', stringValue: 'upstream' } });
});

test('attributes that do not fit are left out, and the note says so, because the body must not be lost', async () => {
  const note = await parkWithAttribute('"'.repeat(700_000));
  expect(note).toMatchObject({ reason: 'unparseable', originalAttributesOmitted: true });
  expect(note).not.toHaveProperty('originalAttributes');
});

describe('a request for which greenroom cannot find out whether it has a room', () => {
  const DAY_MS = 24 * 60 * 60_000;
  const body = JSON.stringify({ idempotencyKey: 'lost', room: { name: 'lost' } });
  const listingFails = () =>
    stack.ivsChat.inject({ operation: 'ListRooms', fault: { error: 'AccessDeniedException' } });

  /** Delivers the request by a message of a certain age while ListRooms is denied. */
  async function deliverAged(ageMs: number) {
    listingFails();
    const record = {
      messageId: 'aged',
      receiptHandle: 'aged',
      body,
      attributes: { ApproximateReceiveCount: '9', SentTimestamp: String(Date.now() - ageMs) },
      eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:interactive`,
    };
    return stack.handler({ Records: [record] }, contextUntil(Date.now() + 15_000));
  }

  test('is parked without a completion two days before its queue would delete it, and its intent is kept', async () => {
    stack.ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
    listingFails();
    await stack.send([body]);
    expect(await stack.deliver()).toMatchObject({ postponed: 1 });
    await stack.completions();

    expect(await deliverAged(7.9 * DAY_MS)).toEqual({ batchItemFailures: [{ itemIdentifier: 'aged' }] });
    expect(await stack.parked()).toEqual([]);

    expect(await deliverAged(8.1 * DAY_MS)).toEqual({ batchItemFailures: [] });
    const [parked, ...more] = await stack.parked();
    expect([parked?.Body, more]).toEqual([body, []]);
    const note = JSON.parse(parked?.MessageAttributes?.['greenroom-parked']?.StringValue ?? '{}');
    expect(note).toMatchObject({ reason: 'outcome-unknown', receiveCount: 9 });
    expect(await stack.completions()).toEqual([]);
    expect(await stack.ledgerItem('lost')).toMatchObject({
      status: 'INPROGRESS',
      create_started_at: expect.any(Number),
    });
  });
});
