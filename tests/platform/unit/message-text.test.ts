import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hasForbiddenCharacter } from '../../../emulator/sqs-sns-s3/allowed-characters.ts';
import { toMessageAttributes, toMessageText } from '../../../lib/platform/message-text.ts';

const UNITS = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));

describe('a string for SQS or SNS', () => {
  test('has no characters that SQS refuses, and parses to the same value, for every character', () => {
    const refused = UNITS.filter((unit) => hasForbiddenCharacter(toMessageText({ key: unit })));
    const changed = UNITS.filter((unit) => JSON.parse(toMessageText({ key: unit })).key !== unit);
    expect([refused, changed]).toEqual([[], []]);
  });

  test('does not change if SQS accepts all of its characters', () => {
    const text = JSON.stringify({ key: 'Zürich \u2028 🎭 \ufffd "quoted" \\ufffe' });
    expect(toMessageText(text)).toBe(text);
    expect(toMessageText({ key: '🎭' })).toBe('{"key":"🎭"}');
  });

  test('that is JSON already keeps its value too', () => {
    const text = '{"key":"a\ufffeb\uffff"}';
    expect(toMessageText(text)).toBe('{"key":"a\\ufffeb\\uffff"}');
    expect(toMessageText(toMessageText(text))).toBe(toMessageText(text));
  });

  test('that is not JSON has visible escapes in place of refused characters', () => {
    expect(toMessageText('no \u0000 JSON \ud800')).toBe('no \\u0000 JSON \\ud800');
  });

  test('is escaped in the same way as a message attribute', () => {
    expect(toMessageAttributes({ roster: 'live/a/1', detail: 'a\ufffe' })).toEqual({
      roster: { DataType: 'String', StringValue: 'live/a/1' },
      detail: { DataType: 'String', StringValue: 'a\\ufffe' },
    });
  });
});

test('every file that sends to SQS or publishes to SNS uses message-text.ts', () => {
  const senders = globSync('{lib,client,cli,functions}/**/*.ts').filter((file) =>
    /new (?:SendMessage|SendMessageBatch|Publish|PublishBatch)Command/.test(readFileSync(file, 'utf8')),
  );
  // The first file warms up without sending. The second sends messages back unchanged that it has received from SQS.
  const exempt = ['lib/platform/warm-up.ts', 'client/operate/send-back.ts'];
  const others = senders.filter((file) => !readFileSync(file, 'utf8').includes('message-text.ts'));
  expect(senders.length).toBeGreaterThanOrEqual(7);
  expect(others.toSorted()).toEqual(exempt.toSorted());
});
