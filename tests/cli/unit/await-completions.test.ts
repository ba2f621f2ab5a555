import { expect, test } from '@jest/globals';
import { awaitCompletions } from '../../../cli/await-completions.ts';
import { prepareRequest } from '../../../client/prepared-request.ts';

test('of many requests without a completion, the first are named', async () => {
  const requests = Array.from({ length: 1_000 }, (_, index) => {
    const body = JSON.stringify({ idempotencyKey: `key-${index}`, room: {} });
    return prepareRequest({ number: index + 1, name: `line ${index + 1}`, body }, { region: 'eu-west-1', nowMs: 0 });
  });
  async function* completions() {
    yield* [];
  }
  const settings = { output: 'text', sentFromMs: () => 0, timeoutSeconds: 5, note: () => undefined } as const;
  const waiting = awaitCompletions({ completions }, requests, { ...settings, signal: new AbortController().signal });
  await expect(waiting).rejects.toThrow(
    /^Not done .*: no completion for line 1 \(key-0\), .*, and 980 more\. To follow/,
  );
});
