import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { REGION } from '../../support/gateway-clients.ts';
import { openProvisioning, type Provisioning } from '../../support/provisioning.ts';

const LOGGING = `arn:aws:ivschat:${REGION}:123456789012:logging-configuration/AbCdEfGhIjKl`;

/** Every parameter of CreateRoom. */
const room = {
  name: 'every_parameter-1',
  maximumMessageRatePerSecond: 77,
  maximumMessageLength: 321,
  messageReviewHandler: {
    uri: `arn:aws:lambda:${REGION}:123456789012:function:review`,
    fallbackResult: 'DENY',
  },
  tags: { 'cost-centre': '4711', 'ünïcode key': 'value with spaces + signs', empty: '' },
  loggingConfigurationIdentifiers: [LOGGING],
};

let stack: Provisioning;
beforeAll(async () => {
  stack = await openProvisioning();
  stack.ivsChat.seedLoggingConfiguration(LOGGING);
});
afterAll(() => stack.close());

test('every parameter of CreateRoom reaches IVS Chat unchanged, and every response field reaches the completion', async () => {
  await stack.send([{ idempotencyKey: 'all', room, correlationId: 'c-1', tenant: 'sports', roster: 'r/1' }]);
  await stack.deliverAll();

  const [call] = stack.ivsChat.calls().createRoom;
  const { tags: sentTags, ...sent } = JSON.parse(call?.body ?? '{}');
  const { tags, ...asked } = room;
  expect(sent).toEqual(asked);
  const { 'greenroom:key': key, 'greenroom:claim': claim, 'greenroom:stage': stage, ...theirs } = sentTags;
  expect(theirs).toEqual(tags);
  const item = await stack.ledgerItem('all');
  expect({ key, claim, stage }).toEqual({ key: item?.id, claim: `${item?.claim_id}.0`, stage: 'test.eu-west-1' });

  const [made] = stack.ivsChat.rooms();
  const [published, ...more] = await stack.completions();
  expect(more).toEqual([]);
  expect(published?.completion.data).toMatchObject({
    outcome: 'created',
    late: false,
    generation: 0,
    tenant: 'sports',
  });
  expect(published?.completion.data).toHaveProperty('room', {
    ...asked,
    tags: sentTags,
    arn: made?.arn,
    id: made?.id,
    createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    updateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  expect(published?.attributes).toEqual({
    type: 'greenroom.room.provisioned.v1',
    outcome: 'created',
    tenant: 'sports',
    region: REGION,
    lane: 'interactive',
    roster: 'r/1',
    correlationId: 'c-1',
  });
});

test('a room without a name gets one that is derived from its key, and defaults are left to the service', async () => {
  await stack.send([{ idempotencyKey: 'nothing asked', room: {}, region: 'us-east-1' }], 'bulk');
  await stack.deliverAll('bulk');
  const call = stack.ivsChat.calls().createRoom.at(-1);
  expect(call?.region).toBe('us-east-1');
  expect(Object.keys(JSON.parse(call?.body ?? '{}')).sort()).toEqual(['name', 'tags']);
  const [published] = await stack.completions();
  expect(published?.completion.data).toMatchObject({
    region: 'us-east-1',
    room: {
      name: expect.stringMatching(/^greenroom-[0-9a-f]{32}$/),
      maximumMessageRatePerSecond: 10,
      maximumMessageLength: 500,
    },
  });
  expect(published?.attributes.lane).toBe('bulk');
});
