import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectLocally, type Deployment } from '../../../client/deployment.ts';
import { UserError } from '../../../client/user-error.ts';
import { connectStage } from '../../../console/server/stage-connection.ts';
import { openGateway, type Stack } from '../../support/gateway-clients.ts';

/** The console's connection to the embedded stack, which may be restarted at any time. */
describe('the connection to the stage', () => {
  let gateway: Stack;

  beforeAll(async () => {
    gateway = await openGateway();
  });

  afterAll(() => gateway.close());

  function openConnection() {
    const found: Deployment[] = [];
    const closed: Deployment[] = [];
    const connection = connectStage(async () => {
      const connected = connectLocally({ endpoint: gateway.endpoint, region: 'eu-west-1' });
      const close = () => {
        closed.push(deployment);
        connected.close();
      };
      const deployment = { ...connected, close };
      found.push(deployment);
      return deployment;
    });
    return { found, closed, connection };
  }

  const fail = (error: Error) => () => Promise.reject(error);

  test('a failure searches for the stage again, and a mistake of the user does not', async () => {
    const { found, connection } = openConnection();
    await expect(connection.use(fail(new UserError('No such key')))).rejects.toThrow('No such key');
    await connection.use(async () => undefined);
    expect(found).toHaveLength(1);
    await expect(connection.use(fail(new Error('ECONNREFUSED')))).rejects.toThrow('ECONNREFUSED');
    await connection.use(async () => undefined);
    expect(found).toHaveLength(2);
    await connection.close();
  });

  test('running work keeps its connection after other work has failed', async () => {
    const { found, closed, connection } = openConnection();
    const { promise: failed, resolve } = Promise.withResolvers<void>();
    const running = connection.use(async ({ sqs }) => {
      await failed;
      return sqs.send(new ListQueuesCommand());
    });
    await expect(connection.use(fail(new Error('ECONNREFUSED')))).rejects.toThrow();
    expect(closed).toEqual([]);
    resolve();
    expect((await running).$metadata.httpStatusCode).toBe(200);
    expect(closed).toEqual(found);
    await connection.close();
  });

  test('a stage that was not found is searched for again at the next use', async () => {
    let searches = 0;
    const connection = connectStage(() => {
      searches += 1;
      return Promise.reject(new UserError('No local stack is running'));
    });
    for (const expected of [1, 2]) {
      await expect(connection.use(async () => undefined)).rejects.toThrow('No local stack');
      expect(searches).toBe(expected);
    }
    await connection.close();
  });
});
