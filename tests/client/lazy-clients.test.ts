import { expect, test } from '@jest/globals';
import { createCallGuard } from '../../client/calls/call-guard.ts';
import { connectLocally } from '../../client/deployment.ts';

/** A deployment, and the names of the clients that it has created. */
function watchClients() {
  const calls = createCallGuard();
  const created: string[] = [];
  const guard: typeof calls.guard = (client) => {
    created.push(client.constructor.name);
    return calls.guard(client);
  };
  const stack = { endpoint: 'http://127.0.0.1:9', region: 'eu-west-1' } as const;
  return { created, deployment: connectLocally(stack, { ...calls, guard }) };
}

test('a deployment creates a client when it is used for the first time, and only then', () => {
  const { created, deployment } = watchClients();
  expect(created).toEqual([]);
  expect(deployment.dynamodb).toBe(deployment.dynamodb);
  expect(deployment.ivsChat('us-east-1')).toBe(deployment.ivsChat('us-east-1'));
  expect(deployment.ivsChat('eu-west-1')).not.toBe(deployment.ivsChat('us-east-1'));
  expect(created).toEqual(['DynamoDBClient', 'IvschatClient', 'IvschatClient']);
});

test('a deployment whose clients are not used can be closed', () => {
  const { created, deployment } = watchClients();
  deployment.close();
  expect(created).toEqual([]);
});
