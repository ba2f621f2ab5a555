import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { awaitCompletions } from '../../../cli/await-completions.ts';
import { prepareRequest } from '../../../client/prepared-request.ts';
import { systemClock } from '../../../lib/platform/clock.ts';

test('the time limit is measured with the clock of the command', async () => {
  const slept: number[] = [];
  const clock = { nowMs: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const body = JSON.stringify({ idempotencyKey: 'key', room: {} });
  const request = prepareRequest({ number: 1, name: 'line 1', body }, { region: 'eu-west-1', nowMs: 0 });
  async function* completions(signal: AbortSignal) {
    yield* [];
    if (!signal.aborted) await once(signal, 'abort');
  }
  const { signal } = new AbortController();
  const settings = { output: 'text', sentFromMs: () => 0, timeoutSeconds: 3_600, note: () => undefined } as const;
  const waiting = awaitCompletions({ completions }, [request], { ...settings, clock, signal });
  await expect(waiting).rejects.toThrow(/^Not done within 3600 seconds/);
  expect(slept).toEqual([3_600_000]);
});

test('of many requests without a completion, the first are named', async () => {
  const requests = Array.from({ length: 1_000 }, (_, index) => {
    const body = JSON.stringify({ idempotencyKey: `key-${index}`, room: {} });
    return prepareRequest({ number: index + 1, name: `line ${index + 1}`, body }, { region: 'eu-west-1', nowMs: 0 });
  });
  async function* completions() {
    yield* [];
  }
  const settings = {
    output: 'text',
    sentFromMs: () => 0,
    timeoutSeconds: 5,
    note: () => undefined,
    clock: systemClock,
  } as const;
  const waiting = awaitCompletions({ completions }, requests, { ...settings, signal: new AbortController().signal });
  await expect(waiting).rejects.toThrow(
    /^Not done .*: no completion for line 1 \(key-0\), .*, and 980 more\. To follow/,
  );
});
