import { IvschatClient } from '@aws-sdk/client-ivschat';
import { expect, test } from '@jest/globals';
import type { ProvisionedKey } from '../../../client/api/key-state.ts';
import { answerTokenRequest } from '../../../examples/token-service/answer-token-request.ts';
import { pathOf, tokenEvent } from '../../../examples/token-service/token-event.ts';

const ROOM: ProvisionedKey = {
  kind: 'provisioned',
  idempotencyKey: 'key',
  tenant: 'default',
  region: 'eu-west-1',
  room: { arn: 'arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEfGhIjKl', id: 'AbCdEfGhIjKl' },
  outcome: 'created',
  generation: 0,
  decidedAt: '2026-01-01T00:00:00.000Z',
  completionId: 'id',
};

/** Answers a request for a token while IVS Chat responds with this body. */
async function answer(body: object) {
  const response = { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  const requestHandler = {
    handle: async () => ({ response }),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new IvschatClient({ region: ROOM.region, credentials, requestHandler });
  const ignore = () => undefined;
  return await answerTokenRequest(tokenEvent(pathOf('key'), { sub: 'ada', chat_role: 'member' }), {
    greenroom: { roomFor: async () => ROOM },
    ivsChat: () => client,
    logger: { info: ignore, warn: ignore, error: ignore },
    nowMs: Date.now,
  });
}

test('a response that contains a token is answered with it', async () => {
  const { statusCode, body } = await answer({ token: 'a-token' });
  expect([statusCode, JSON.parse(body)]).toEqual([201, { token: 'a-token', region: 'eu-west-1' }]);
});

test('a response without a token is an error, and not a success without a token', async () => {
  expect(await answer({})).toMatchObject({ statusCode: 500, body: '{"code":"internal"}' });
});
