import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openProvisioning, type Provisioning } from '../support/provisioning.ts';

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

test('attributes that would not fit are left out, and the note says so: the body is what must not be lost', async () => {
  const note = await parkWithAttribute('"'.repeat(700_000));
  expect(note).toMatchObject({ reason: 'unparseable', originalAttributesOmitted: true });
  expect(note).not.toHaveProperty('originalAttributes');
});
