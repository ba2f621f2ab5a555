import { describe, expect, test } from '@jest/globals';
import { connectLocally } from '../../../client/deployment.ts';
import { UserError } from '../../../client/user-error.ts';
import { connectStage } from '../../../console/server/stage-connection.ts';

/** Uses a stage twice. The work fails with the same error both times. @returns how often the stage was searched for */
async function searchesAfter(error: Error): Promise<number> {
  let searches = 0;
  const stage = connectStage(async () => {
    searches += 1;
    return connectLocally({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1' });
  });
  for (let use = 0; use < 2; use++) await expect(stage.use(() => Promise.reject(error))).rejects.toBe(error);
  await stage.close();
  return searches;
}

describe('the connection to the stage', () => {
  test('is searched for again after a failed call, because the stack may have been restarted', async () => {
    expect(await searchesAfter(new Error('connect ECONNREFUSED'))).toBe(2);
  });

  test('is kept after a problem that the user can fix, so that other calls continue', async () => {
    expect(await searchesAfter(new UserError('There is no such room'))).toBe(1);
  });

  test('is searched for again if it was not found', async () => {
    let searches = 0;
    const stage = connectStage(async () => {
      searches += 1;
      throw new UserError('Run npm start');
    });
    for (let use = 0; use < 2; use++) await expect(stage.use(async () => 0)).rejects.toThrow('Run npm start');
    expect(searches).toBe(2);
  });
});
