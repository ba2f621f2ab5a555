import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { hasForbiddenCharacter } from '../../../emulator/sqs-sns-s3/allowed-characters.ts';
import { toMessageAttributes, toMessageText } from '../../../lib/platform/message-text.ts';

const UNITS = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));

describe('a text for SQS or SNS', () => {
  test('holds nothing that SQS refuses, and says the same, whatever character stands in it', () => {
    const refused = UNITS.filter((unit) => hasForbiddenCharacter(toMessageText({ key: unit })));
    const changed = UNITS.filter((unit) => JSON.parse(toMessageText({ key: unit })).key !== unit);
    expect([refused, changed]).toEqual([[], []]);
  });

  test('stays as it is where nothing would be refused', () => {
    const text = JSON.stringify({ key: 'Zürich \u2028 🎭 \ufffd "quoted" \\ufffe' });
    expect(toMessageText(text)).toBe(text);
    expect(toMessageText({ key: '🎭' })).toBe('{"key":"🎭"}');
  });

  test('that is JSON already says the same too', () => {
    const text = '{"key":"a\ufffeb\uffff"}';
    expect(toMessageText(text)).toBe('{"key":"a\\ufffeb\\uffff"}');
    expect(toMessageText(toMessageText(text))).toBe(toMessageText(text));
  });

  test('that is no JSON is sent all the same, with what would be refused to be seen', () => {
    expect(toMessageText('no \u0000 JSON \ud800')).toBe('no \\u0000 JSON \\ud800');
  });

  test('as an attribute has the same restrictions', () => {
    expect(toMessageAttributes({ roster: 'live/a/1', detail: 'a\ufffe' })).toEqual({
      roster: { DataType: 'String', StringValue: 'live/a/1' },
      detail: { DataType: 'String', StringValue: 'a\\ufffe' },
    });
  });
});

test('every file that sends to SQS or publishes to SNS has its texts from there', () => {
  const senders = globSync('{lib,client,cli,functions}/**/*.ts').filter((file) =>
    /new (?:SendMessage|SendMessageBatch|Publish|PublishBatch)Command/.test(readFileSync(file, 'utf8')),
  );
  // The one warms up without sending; the other sends back what it has received from SQS, as it is.
  const exempt = ['lib/platform/warm-up.ts', 'client/operate/send-back.ts'];
  const others = senders.filter((file) => !readFileSync(file, 'utf8').includes('message-text.ts'));
  expect(senders.length).toBeGreaterThanOrEqual(7);
  expect(others.toSorted()).toEqual(exempt.toSorted());
});
