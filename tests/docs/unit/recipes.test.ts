import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { MAX_MESSAGE_BYTES } from '../../../lib/platform/send-messages.ts';
import { applyTemplate, selects } from '../../support/markdown-recipes.ts';

/** "Input transform example" of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html */
const EVENT = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  detail: { 'instance-id': 'i-0123456789', state: 'RUNNING' },
};

describe('the stand-in for the input transformer of a pipe', () => {
  test('transforms AWS’s example as AWS documents', () => {
    const made = applyTemplate('{ "instance" : <$.detail.instance-id>, "state": <$.detail.state> }', EVENT);
    expect(JSON.parse(made)).toEqual({ instance: 'i-0123456789', state: 'RUNNING' });
  });

  test('inserts a text with quotes once, and objects without', () => {
    const record = { body: JSON.stringify({ name: 'a "b"', tags: { c: 'd' } }) };
    const made = applyTemplate('{ "name": "<$.body.name>", "tags": <$.body.tags>, "none": "<$.body.none>" }', record);
    expect(JSON.parse(made)).toEqual({ name: 'a "b"', tags: { c: 'd' }, none: '' });
  });
});

test.each([
  [{ 'detail-type': ['EC2 Instance State-change Notification'], detail: { state: ['STOPPED', 'RUNNING'] } }, true],
  [{ detail: { state: ['STOPPED'] } }, false],
  [{ detail: { 'not-there': ['RUNNING'] } }, false],
])('the stand-in for event patterns: %j selects the event: %s', (pattern, isSelected) => {
  expect(selects(pattern, EVENT)).toBe(isSelected);
});

test('the document states the size that the queues accept', () => {
  expect(readFileSync('docs/connect.md', 'utf8')).toContain(`${MAX_MESSAGE_BYTES.toLocaleString('en')} bytes`);
});
