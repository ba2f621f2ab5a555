import { expect, test } from '@jest/globals';
import { prepareRequest } from '../../../client/prepared-request.ts';
import { failedCompletion, invalidCompletion, provisionedCompletion } from '../../../lib/contract/completion.ts';
import { differences } from '../../../local/start/compare-outcomes.ts';
import type { Tracked } from '../../../local/start/run-record.ts';

const DECIDED = {
  stage: 'local',
  idempotencyKey: 'a',
  tenant: 'default',
  region: 'eu-west-1',
  claimId: 'claim',
  generation: 0,
  payloadHash: 'hash',
  decidedAtMs: 0,
} as const;

function tracked(number: number, body: object, answer?: Tracked['answer']): Tracked {
  const line = { number, name: `line ${number}`, body: JSON.stringify(body) };
  const request = prepareRequest(line, { region: 'eu-west-1', nowMs: 0 });
  return { request, ...(answer && { answer }) };
}

const completions = {
  created: provisionedCompletion({ ...DECIDED, outcome: 'created', late: false, room: { arn: 'arn' } }),
  keyReused: failedCompletion({
    ...DECIDED,
    reason: 'key-reused-with-different-payload',
    error: { name: 'KeyReused', message: '' },
    retryable: false,
  }),
};
const provisioned = { completion: completions.created, receivedAtMs: 0 };
const replay = { ...provisioned, replayOf: 1 };
const keyReused = { completion: completions.keyReused, receivedAtMs: 0 };
const wish = { idempotencyKey: 'a', room: {} };

const expectReplay = [
  { line: 1, idempotencyKey: 'a', expect: 'provisioned' as const },
  { line: 2, idempotencyKey: 'a', expect: { 'replay-of': 1 } },
];
const expectReuse = [
  { line: 1, idempotencyKey: 'a', expect: 'provisioned' as const },
  { line: 2, idempotencyKey: 'a', expect: { failed: 'key-reused-with-different-payload' } },
];

test('nothing differs if each line has its expected outcome', () => {
  expect(differences(expectReplay, [tracked(1, wish, provisioned), tracked(2, wish, replay)])).toEqual([]);
  expect(differences(expectReuse, [tracked(1, wish, provisioned), tracked(2, wish, keyReused)])).toEqual([]);
});

test('two lines with one key may swap their outcomes', () => {
  expect(differences(expectReuse, [tracked(1, wish, keyReused), tracked(2, wish, provisioned)])).toEqual([]);
});

test('a second room for a key is a difference, and so is a key without a room', () => {
  const expected = 'line 2: expected replay, was';
  expect(differences(expectReplay, [tracked(1, wish, provisioned), tracked(2, wish, provisioned)])).toContain(
    `${expected} provisioned`,
  );
  expect(differences(expectReplay, [tracked(1, wish, provisioned), tracked(2, wish)])).toContain(`${expected} open`);
});

test('lines that were never sent are differences', () => {
  expect(differences(expectReplay, [])).toHaveLength(2);
});

test('a failure must name exactly the expected problems', () => {
  const request = tracked(1, { idempotencyKey: 'a', room: { name: 'not allowed' } });
  if (request.request.read.kind !== 'invalid') throw new Error('The request is not invalid');
  const completion = invalidCompletion({
    stage: 'local',
    read: request.request.read,
    body: request.request.body,
    decidedAtMs: 0,
  });
  const failed = { ...request, answer: { completion, receivedAtMs: 0 } };
  const expectation = { line: 1, idempotencyKey: 'a', expect: { failed: 'invalid-request' } };
  expect(differences([{ ...expectation, problems: ['room.name'] }], [failed])).toEqual([]);
  expect(differences([{ ...expectation, problems: ['room.name', 'region'] }], [failed])).toEqual([
    'line 1: expected failed: invalid-request (room.name, region), was failed: invalid-request (room.name)',
  ]);
});
