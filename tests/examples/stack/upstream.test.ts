import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRecipeStack, type RecipeStack } from '../../docs/stack/recipe-stack.ts';

let upstream: RecipeStack;
beforeAll(async () => {
  upstream = await openRecipeStack();
}, 60_000);
afterAll(() => upstream.close());

describe('the TypeScript upstream', () => {
  const request = (...args: string[]) =>
    upstream.runProgram(process.execPath, [resolve('examples/typescript-upstream/request-room.ts'), ...args]);

  test('prints the ARN of its room, and the same ARN when it runs again', async () => {
    const first = await request('sample/typescript', 'hall');
    const completion = await upstream.completion('sample/typescript', 'provisioned');
    expect(completion).toMatchObject({ data: { tenant: 'sports', room: { name: 'hall', arn: first.output.trim() } } });
    expect(first).toEqual({ exitCode: 0, output: expect.stringMatching(/^arn:aws:ivschat:.*\n$/) });
    expect(await request('sample/typescript', 'hall')).toEqual(first);
    // Control: another key gets another room.
    const other = await request('sample/typescript-2', 'hall');
    expect([other.exitCode, other.output === first.output]).toEqual([0, false]);
  });

  test('prints every problem of an invalid request', async () => {
    expect(await request(' ', 'no spaces')).toEqual({
      exitCode: 1,
      output: expect.stringMatching(/^idempotencyKey: must not be blank\nroom\.name: may contain only .*\n$/),
    });
  });
});
