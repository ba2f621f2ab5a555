import { beforeEach, describe, expect, test } from '@jest/globals';
import { readParkedMessage } from '../../../client/operate/parked-message.ts';
import { returnMessage } from '../../../client/operate/return-message.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, DAY_MS, REDRIVE_ARN, START_MS } from '../../support/memory-bench.ts';

const COMMAND = { type: 'Room Release Requested', idempotencyKey: 'key', tenant: 'arena', correlationId: 'c' };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

/** Handles a message in a deployment that releases no rooms. */
function handle(body: object, deadLetters = false) {
  const services = { ...bench.services, config: { ...bench.config, releases: false } };
  return bench.handle(bench.record(body), { services, deadLetters });
}

describe('while releases are switched off', () => {
  test('a release command is refused with its problem, changes nothing, and is acknowledged', async () => {
    const outcome = await handle(COMMAND);
    expect(outcome).toEqual({
      kind: 'answered',
      how: 'release-failed',
      completionId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(bench.callNames()).toEqual(['Publish']);
    const [event] = bench.completions();
    expect(event).toMatchObject({
      type: 'greenroom.room.release-failed.v1',
      subject: 'key',
      data: {
        idempotencyKey: 'key',
        tenant: 'arena',
        outcome: 'release-failed',
        reason: 'invalid-request',
        problems: [{ path: '', message: expect.stringMatching(/^releases are switched off/) }],
      },
    });
    expect(bench.messaging.published[0]?.attributes).toEqual({
      type: 'greenroom.room.release-failed.v1',
      outcome: 'release-failed',
      tenant: 'arena',
      reason: 'invalid-request',
      correlationId: 'c',
    });
  });

  test('a duplicate of the command gets the same answer', async () => {
    await handle(COMMAND);
    bench.pass(60_000);
    await handle({ ...COMMAND, wishedAt: new Date(START_MS).toISOString() });
    const [first, second] = bench.completions();
    expect(second.id).toBe(first.id);
  });

  test('the command waits if its answer cannot be published', async () => {
    bench.fail('Publish');
    expect(await handle(COMMAND)).toMatchObject({ kind: 'postponed', reason: 'publish-failed' });
    expect(await handle(COMMAND)).toMatchObject({ kind: 'answered' });
  });

  test('a dead letter of the command is answered and parked', async () => {
    expect(await handle(COMMAND, true)).toMatchObject({
      kind: 'parked',
      reason: 'dead-lettered',
    });
  });

  test('a request with a release time is invalid, and gets no room', async () => {
    const releaseAt = new Date(START_MS + DAY_MS).toISOString();
    const request = { idempotencyKey: 'key', room: {}, releaseAt };
    expect(await handle(request)).toMatchObject({ how: 'invalid', failure: 'invalid-request' });
    expect(bench.completions()[0].data.problems).toEqual([
      { path: 'releaseAt', message: expect.stringMatching(/^releases are switched off in this deployment: /) },
    ]);
    // The write finds out whether the request was accepted before releases were switched off, and fails.
    expect(bench.callNames()).toEqual(['UpdateItem', 'Publish']);
    expect(bench.stored('key')).toEqual({});
  });

  test('a command without a readable key is announced and parked as any unreadable message', async () => {
    const outcome = await handle({ ...COMMAND, idempotencyKey: 7 });
    expect(outcome).toMatchObject({ kind: 'parked', reason: 'unparseable' });
    expect(bench.completions()[0].data).toMatchObject({ reason: 'unparseable' });
  });
});

/** The last parked message as `greenroom redrive` sends it to the redrive queue. */
function redriven(): IncomingRecord {
  const { body = '', note = '' } = bench.messaging.parked.at(-1) ?? {};
  const parked = readParkedMessage({
    MessageId: 'parked',
    Body: body,
    Attributes: { SentTimestamp: String(bench.clock.nowMs()) },
    MessageAttributes: { 'greenroom-parked': { DataType: 'String', StringValue: note } },
  });
  // The queues of the bench have no stage.
  if (parked.note) parked.note.sourceQueue = parked.note.sourceQueue.replace(/([^:]+)$/, 'greenroom-prod-$1');
  const back = returnMessage(parked, { stage: 'prod' });
  if (back.kind !== 'sendable') throw new Error(back.problem);
  const attributes = Object.entries(back.message.MessageAttributes ?? {});
  return bench.record(body, {
    eventSourceARN: REDRIVE_ARN,
    messageAttributes: Object.fromEntries(attributes.map(([name, each]) => [name, { stringValue: each.StringValue }])),
  });
}

test('the note of a parked message keeps the time at which it was first sent, through any number of redrives', async () => {
  const wishedAt = new Date(START_MS).toISOString();
  await bench.handle(bench.record('?'));
  for (let redrives = 0; redrives < 3; redrives += 1) {
    bench.pass(DAY_MS);
    const record = redriven();
    expect(record.messageAttributes['greenroom-wished-at']?.stringValue).toBe(wishedAt);
    await bench.handle(record);
    const note = JSON.parse(bench.messaging.parked.at(-1)?.note ?? '{}');
    expect(note).toMatchObject({ wishedAt, sentAt: new Date(bench.clock.nowMs()).toISOString() });
  }
});

test('a sender cannot set the first time of a message', async () => {
  const messageAttributes = { 'greenroom-wished-at': { stringValue: '2020-01-01T00:00:00.000Z' } };
  await bench.handle(bench.record('?', { messageAttributes }));
  expect(JSON.parse(bench.messaging.parked.at(-1)?.note ?? '{}')).toMatchObject({
    wishedAt: new Date(START_MS).toISOString(),
  });
  expect(redriven().messageAttributes['greenroom-wished-at']?.stringValue).toBe(new Date(START_MS).toISOString());
});
