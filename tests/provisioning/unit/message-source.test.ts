import { describe, expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { sourceOf } from '../../../lib/provisioning/message-source.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000:';
const URL = 'https://sqs.eu-west-1.amazonaws.com/000000000000/';
const CONFIG = {
  queueUrls: { interactive: `${URL}dev-interactive`, bulk: `${URL}dev-bulk` },
  redriveQueueUrl: `${URL}dev-redrive`,
  rosterSenderRoleIds: ['AROABULK', 'AROALIVE'],
};

function from(queueName: string, attributes: Partial<IncomingRecord['attributes']> = {}, texts = {}): IncomingRecord {
  return {
    messageId: 'm',
    receiptHandle: 'r',
    body: 'b',
    attributes: { ApproximateReceiveCount: 1, SentTimestamp: 0, ...attributes },
    messageAttributes: texts,
    eventSourceARN: `${ARN}${queueName}`,
  };
}

describe('the source of a message', () => {
  test('is the queue whose name is at the end of its ARN', () => {
    expect(sourceOf(from('dev-interactive'), CONFIG)).toEqual({
      lane: 'interactive',
      queueUrl: `${URL}dev-interactive`,
      isFromRoster: false,
    });
    expect(sourceOf(from('dev-bulk', { SenderId: 'AROALIVE:x' }), CONFIG)).toEqual({
      lane: 'bulk',
      queueUrl: `${URL}dev-bulk`,
      isFromRoster: true,
    });
  });

  test('is a redrive for a message from the redrive queue, and for a dead letter of that queue', () => {
    const redriven = { lane: 'interactive', redriven: {}, isFromRoster: false };
    expect(sourceOf(from('dev-redrive', { SenderId: 'AROABULK:x' }), CONFIG)).toEqual({
      ...redriven,
      queueUrl: `${URL}dev-redrive`,
    });
    const deadLetter = { DeadLetterQueueSourceArn: `${ARN}dev-redrive` };
    expect(sourceOf(from('dev-interactive', deadLetter), CONFIG)).toEqual({
      ...redriven,
      queueUrl: `${URL}dev-interactive`,
    });
    const other = { DeadLetterQueueSourceArn: `${ARN}dev-bulk` };
    expect(sourceOf(from('dev-bulk', other), CONFIG)).not.toHaveProperty('redriven');
  });

  test('has the lane, the deadline, the origin and the first time of a redriven message from its attributes', () => {
    const texts = {
      'greenroom-lane': { stringValue: 'bulk' },
      'greenroom-needed-by': { stringValue: '2026-01-02T00:00:00Z' },
      'greenroom-from-roster': { stringValue: 'true' },
      'greenroom-wished-at': { stringValue: '2025-12-24T00:00:00Z' },
    };
    expect(sourceOf(from('dev-redrive', {}, texts), CONFIG)).toEqual({
      lane: 'bulk',
      queueUrl: `${URL}dev-redrive`,
      redriven: {
        neededByMs: Date.parse('2026-01-02T00:00:00Z'),
        wishedAtMs: Date.parse('2025-12-24T00:00:00Z'),
      },
      isFromRoster: true,
    });
  });

  test('throws an error for an unknown queue', () => {
    expect(() => sourceOf(from('interactive'), CONFIG)).toThrow(`The queue ${ARN}interactive is not a request queue`);
  });
});
