import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../lib/contract/read-message.ts';
import { complaints, type Seen, type SentMessage } from '../support/complaints.ts';
import { HOSTILE_KINDS, hostileBodies } from '../support/hostile-bodies.ts';
import { MAX_BODY_BYTES } from '../support/hostile-sizes.ts';
import { openProvisioning, type Provisioning, REGION } from '../support/provisioning.ts';

const SEED = Number(process.env.SEED ?? 20_261_118);
const BATCH = 10;
/** The rest is handed to the handler without a queue between, which is quicker. */
const THROUGH_SQS_COUNT = 1_000;
const SLOWEST_MS = 2_000;
const LIMIT_MS = 180_000;

const bad = hostileBodies(SEED);
const sent = withGoodNeighbours(bad);

let stack: Provisioning;
let seen: Seen;
beforeAll(async () => {
  stack = await openProvisioning({
    environment: { GREENROOM_CREATE_ROOM_TPS: '10000', GREENROOM_CALL_TIMEOUT_SECONDS: '5' },
    ivsChat: { quotas: { tps: { CreateRoom: 100_000 }, burst: 100_000 } },
  });
  const notDoneCount =
    (await sendThroughSqs(sent.slice(0, THROUGH_SQS_COUNT))) + (await handOver(sent.slice(THROUGH_SQS_COUNT)));
  seen = await look(notDoneCount);
}, LIMIT_MS);
afterAll(() => stack.close());

describe(`10,000 messages, every tenth of them good (seed ${SEED})`, () => {
  test('hold all kinds of hostile bodies, and each could arrive', () => {
    expect(sent).toHaveLength(10_000);
    expect(bad).toHaveLength(9_000);
  });

  test('', () => {
    expect(complaints(sent, seen)).toEqual([]);
  });
});
