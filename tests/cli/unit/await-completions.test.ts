import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { type AwaitSettings, awaitCompletions } from '../../../cli/await-completions.ts';
import type { RequestStatus } from '../../../client/operate/request-status.ts';
import { prepareRequest } from '../../../client/prepared-request.ts';
import { provisionedCompletion } from '../../../lib/contract/completion.ts';
import { payloadHash } from '../../../lib/contract/keys.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createVirtualClock } from '../../../simulation/virtual-clock.ts';
import { failedItem, undecidedItem } from '../../support/ledger-items.ts';
import { capturePrinted } from '../../support/printed.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00.000Z');

function requestOf(idempotencyKey: string, number = 1) {
  const body = JSON.stringify({ idempotencyKey, room: {} });
  return prepareRequest({ number, name: `line ${number}`, body }, { region: 'eu-west-1', nowMs: 0 });
}

const settings: AwaitSettings = {
  output: 'text',
  sentFromMs: () => 0,
  timeoutSeconds: 3_600,
  note: () => undefined,
  isQuiet: () => false,
  statusOf: async () => ({ kind: 'unknown' }),
  clock: systemClock,
  signal: new AbortController().signal,
};

/** A feed without completions, which ends when its signal is aborted. */
async function* silence(signal: AbortSignal) {
  yield* [];
  if (!signal.aborted) await once(signal, 'abort');
}

test('the time limit is measured with the clock of the command', async () => {
  const slept: number[] = [];
  const clock = { nowMs: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const waiting = awaitCompletions({ completions: silence }, [requestOf('key')], { ...settings, clock });
  await expect(waiting).rejects.toThrow(/^Not done within 3600 seconds/);
  expect(slept[0]).toBe(3_600_000);
});

test('of many requests without a completion, the first are named', async () => {
  const requests = Array.from({ length: 1_000 }, (_, index) => requestOf(`key-${index}`, index + 1));
  async function* completions() {
    yield* [];
  }
  await expect(awaitCompletions({ completions }, requests, { ...settings, timeoutSeconds: 5 })).rejects.toThrow(
    /^Not done .*: no completion for line 1 \(key-0\), .*, and 980 more\. To follow/,
  );
});

describe('after an interruption, the hint is', () => {
  test.each([
    ['status for one key', ['final/main'], 'To wait for it again: greenroom status final/main --wait'],
    ['status for several requests with one key', ['a', 'a'], 'To wait for it again: greenroom status a --wait'],
    ['a key that the shell does not change', ["it's one"], "greenroom status 'it'\\''s one' --wait"],
    ['watch for several keys', ['a', 'b'], 'To follow the requests: greenroom watch'],
  ])('%s', async (_what, keys, hint) => {
    const interruption = new AbortController();
    const requests = keys.map((key, index) => requestOf(key, index + 1));
    const waiting = awaitCompletions({ completions: silence }, requests, { ...settings, signal: interruption.signal });
    interruption.abort();
    const message = await waiting.catch((error: unknown) => String(error));
    expect(message).toContain('Interrupted: no completion for line 1');
    expect(String(message).endsWith(hint)).toBe(true);
  });
});

/** The notes of a command that waits for the completion of a key, until it arrives after 35 s. */
async function notesOfLongWait(keys: string[], statusOf: AwaitSettings['statusOf']): Promise<string[]> {
  const clock = createVirtualClock(NOW_MS);
  const notes: string[] = [];
  const arrival = Promise.withResolvers<void>();
  async function* completions() {
    await arrival.promise;
    for (const key of keys) yield { completion: roomOf(key), attributes: {} };
  }
  const note = (text: string) => void notes.push(text);
  const printed = capturePrinted();
  const waiting = awaitCompletions({ completions }, keys.map(requestOf), { ...settings, clock, note, statusOf });
  await clock.run(NOW_MS + 9_999);
  expect(notes).toEqual([]);
  await clock.run(NOW_MS + 35_000);
  arrival.resolve();
  expect(await waiting).toBe(true);
  printed.restore();
  await clock.run(NOW_MS + 90_000);
  return notes.slice(0, -1);
}

function roomOf(idempotencyKey: string) {
  return provisionedCompletion({
    ...{ stage: 'local', idempotencyKey, tenant: 'default', region: 'eu-west-1', claimId: 'claim', generation: 0 },
    payloadHash: payloadHash({ room: {}, region: 'eu-west-1' }),
    decidedAtMs: NOW_MS,
    outcome: 'created',
    late: false,
    room: { arn: 'arn' },
  });
}

describe('during a long wait, the command says', () => {
  const wait = { reason: 'quota', sinceMs: NOW_MS, lastMs: NOW_MS, count: 3, untilMs: undefined };
  const inQueue: RequestStatus = { kind: 'known', item: undecidedItem({ lease_end: 0 }), expiresAtMs: undefined, wait };

  test('what the request waits for, once as long as it does not change', async () => {
    expect(await notesOfLongWait(['key'], async () => inQueue)).toEqual([
      'key: waiting since 2026-06-01T12:00:00.000Z: quota (tries: 3)',
    ]);
  });

  test('of several requests, what the first waits for, and how many there are', async () => {
    expect(await notesOfLongWait(['a', 'b'], async () => inQueue)).toEqual([
      '2 requests without an outcome; a: waiting since 2026-06-01T12:00:00.000Z: quota (tries: 3)',
    ]);
  });

  test('that the outcome is decided, or that a person must repair the item', async () => {
    const states: RequestStatus[] = [
      { kind: 'damaged', problem: 'no version' },
      { kind: 'known', item: failedItem({ status: 'COMPLETED' }), expiresAtMs: undefined },
    ];
    expect(await notesOfLongWait(['key'], async () => states.shift() ?? inQueue)).toEqual([
      'key: its ledger item is damaged, so its requests are parked',
      'key: decided, but its completion has not arrived yet',
      'key: waiting since 2026-06-01T12:00:00.000Z: quota (tries: 3)',
    ]);
  });

  test('nothing if the user may not read the ledger, and then does not ask again', async () => {
    let reads = 0;
    const statusOf = () => {
      reads += 1;
      return Promise.reject(new Error('AccessDenied'));
    };
    expect([await notesOfLongWait(['key'], statusOf), reads]).toEqual([[], 1]);
  });
});
