import { describe, expect, test } from '@jest/globals';
import { readRecords } from '../../../lib/platform/incoming-record.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const record = {
  messageId: 'm',
  receiptHandle: 'r',
  body: 'b',
  attributes: { ApproximateReceiveCount: '3', SentTimestamp: '1767225600000', AWSTraceHeader: 'Root=1' },
  messageAttributes: { origin: { stringValue: 'upstream', dataType: 'String' } },
  eventSourceARN: `${ARN}dev-bulk`,
};

describe('an event of SQS', () => {
  test('is read with its numbers as numbers, and keeps its other members', () => {
    const { attributes } = record;
    expect(readRecords({ Records: [record] })).toEqual([
      { ...record, attributes: { ...attributes, ApproximateReceiveCount: 3, SentTimestamp: 1_767_225_600_000 } },
    ]);
  });

  test('has no message attributes if the sender has set none', () => {
    const { messageAttributes, ...bare } = record;
    expect(readRecords({ Records: [bare] })[0]?.messageAttributes).toEqual({});
  });

  test('keeps the queue that a dead letter came from', () => {
    const attributes = { ...record.attributes, DeadLetterQueueSourceArn: `${ARN}dev-interactive` };
    expect(readRecords({ Records: [{ ...record, attributes }] })[0]?.attributes).toMatchObject({
      DeadLetterQueueSourceArn: `${ARN}dev-interactive`,
    });
  });

  test.each([
    ['no records', {}, /Records/],
    ['a record without a body', { Records: [{ ...record, body: undefined }] }, /body/],
    ['a record without a queue', { Records: [{ ...record, eventSourceARN: undefined }] }, /eventSourceARN/],
    [
      'a receive count that is not a number',
      { Records: [{ ...record, attributes: { ...record.attributes, ApproximateReceiveCount: '1.5' } }] },
      /ApproximateReceiveCount/,
    ],
    ['no time', { Records: [{ ...record, attributes: { ApproximateReceiveCount: '1' } }] }, /SentTimestamp/],
    [
      'an invalid message attribute',
      { Records: [{ ...record, messageAttributes: { a: { stringValue: 1 } } }] },
      /stringValue/,
    ],
  ])('with %s is refused', (_what, event, reason) => {
    expect(() => readRecords(event)).toThrow(reason);
  });
});
