import { ConflictException, ResourceNotFoundException, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../client/deployment.ts';
import { listLiveEvents } from '../../../client/operate/live-event-list.ts';
import { planBulk } from '../../../client/operate/plan-bulk.ts';
import type { LiveEventServices } from '../../../lib/live-events/live-event-services.ts';
import { arm } from '../../../lib/live-events/schedules.ts';
import { membersByKey } from '../../../lib/rosters/roster-members.ts';
import { sweepRegion } from '../../../lib/sweeping/sweep-region.ts';
import type { SweepServices } from '../../../lib/sweeping/sweep-services.ts';
import type { MemoryDynamoDb } from '../../../simulation/memory-dynamodb.ts';
import { memoryDynamoDbClient } from '../../support/memory-dynamodb-client.ts';
import { createMemoryServices } from '../../support/memory-services.ts';

/** More calls than any loop may make. A loop that does not wait would never end. */
const TOO_MANY = 1_000;

let nowMs: number;
let waits: number[];
let stop: AbortController;
const clock = {
  nowMs: () => nowMs,
  sleep: async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    waits.push(ms);
    nowMs += ms;
  },
};
const waiting = () => ({ clock, random: () => 0.5, signal: stop.signal });

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  waits = [];
  stop = new AbortController();
});

/** DynamoDB's answers to BatchGetItem, each with a number of keys that it leaves unprocessed. */
function dynamoDb(leavesOut: (call: number, keys: number) => number) {
  const asked: number[] = [];
  const handle: MemoryDynamoDb['handle'] = async ({ headers, body }) => {
    const input = JSON.parse(body.toString('utf8'));
    if (headers['x-amz-target']?.endsWith('Query')) return answer({ Items: ['final', 'semi'].map(listed) });
    if (headers['x-amz-target']?.endsWith('GetItem') && input.RequestItems === undefined) return answer({});
    const [[table, { Keys, ...reading }]] = Object.entries<{ Keys: object[] }>(input.RequestItems) as [
      [string, { Keys: object[] }],
    ];
    asked.push(Keys.length);
    if (asked.length > TOO_MANY) throw new Error(`Asked more than ${TOO_MANY} times, with ${waits.length} waits`);
    const count = leavesOut(asked.length, Keys.length);
    const unprocessed = count > 0 && { [table]: { Keys: Keys.slice(Keys.length - count), ...reading } };
    return answer({ Responses: { [table]: [] }, ...(unprocessed && { UnprocessedKeys: unprocessed }) });
  };
  const client = memoryDynamoDbClient({ handle });
  return { client, asked };
}

const listed = (id: string) => ({
  live_event_id: { S: id },
  live_state: { S: 'opened' },
  tenant: { S: 'default' },
  revision: { N: '1' },
  starts_at: { N: '1' },
  rooms_by_region: { M: { 'eu-west-1': { N: '1' } } },
});

function answer(body: object) {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

type Client = ReturnType<typeof dynamoDb>['client'];
const READERS: [string, (client: Client, keys: number) => Promise<unknown>][] = [
  [
    'the forecast of a manifest',
    (dynamodb, keys) => {
      async function* requests() {
        for (let key = 0; key < keys; key++) {
          const request = { idempotencyKey: `key-${key}`, room: {}, tenant: 'default', region: 'eu-west-1' as const };
          yield { row: key + 1, request };
        }
      }
      return planBulk({ dynamodb, ledgerTable: 'ledger' } as Deployment, requests(), 5, waiting());
    },
  ],
  [
    'the members of a report',
    (dynamodb, keys) =>
      membersByKey(
        { dynamodb, tableName: 'rosters' },
        'roster',
        Array.from({ length: keys }, (_, key) => `key-${key}`),
        waiting(),
      ),
  ],
  [
    'the list of live events',
    (dynamodb) => listLiveEvents({ dynamodb, rosterTable: 'rosters' }, { fromMs: 0 }, waiting()),
  ],
];

describe.each(READERS)('a key that DynamoDB leaves unprocessed in %s', (_what, read) => {
  test('is requested again after a backoff', async () => {
    const { client, asked } = dynamoDb((call) => (call === 1 ? 1 : 0));
    await read(client, 150);
    expect(waits).toEqual([25]);
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  test('every time is given up after several attempts with growing waits', async () => {
    const { client, asked } = dynamoDb((_call, keys) => keys);
    await expect(read(client, 150)).rejects.toThrow('unprocessed');
    expect(asked).toHaveLength(12);
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500, 2_500, 2_500]);
  });

  test('is no longer requested when the work is interrupted', async () => {
    const { client, asked } = dynamoDb((call, keys) => {
      if (call === 2) stop.abort(new Error('interrupted'));
      return keys;
    });
    await expect(read(client, 150)).rejects.toThrow();
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});

const armed = (send: (command: object) => Promise<object>) => {
  const schedules = { group: 'g', roleArn: 'r', deadLetterQueueArn: 'd' };
  const services = {
    clients: { scheduler: { send } as unknown as SchedulerClient },
    config: { stage: 'test', schedules, liveEventsQueue: { arn: 'q' } },
    ...waiting(),
  } as unknown as LiveEventServices;
  return arm({ live_event_id: 'final', revision: 1, times: undefined }, 'open', nowMs, services, stop.signal);
};
const details = { $metadata: {}, message: 'no', Message: 'no' };

describe('a schedule that another worker changes at the same time', () => {
  test('is set after a backoff, and is given up after three tries', async () => {
    let calls = 0;
    const changing = async (command: object) => {
      calls += 1;
      throw command.constructor.name.startsWith('Create')
        ? new ConflictException(details)
        : new ResourceNotFoundException(details);
    };
    await expect(armed(changing)).rejects.toThrow(ConflictException);
    expect([calls, waits]).toEqual([5, [125, 250]]);
  });
});

describe('a schedule that exists already', () => {
  test('is not tried again if the service answers with another error', async () => {
    let calls = 0;
    const failing = async (command: object) => {
      calls += 1;
      throw command.constructor.name.startsWith('Create') ? new ConflictException(details) : new Error('out of order');
    };
    await expect(armed(failing)).rejects.toThrow('out of order');
    expect([calls, waits]).toEqual([2, []]);
  });
});

describe('a page of rooms that cannot be listed', () => {
  test('is requested again after a backoff, at most three times', async () => {
    const { clients, ivsChat } = createMemoryServices(clock.nowMs, () => undefined, {});
    ivsChat.admin.inject({
      operation: 'ListRooms',
      times: 3,
      fault: { error: 'InternalServerException', status: 500 },
    });
    const services = { clients, config: { stage: 'test' }, ...waiting() } as unknown as SweepServices;
    const sweep = { services, awaitCall: async () => undefined, signal: stop.signal };
    expect(await sweepRegion('eu-west-1', sweep)).toMatchObject({
      summary: { ended: 'failed', error: 'InternalServerException' },
    });
    expect(waits).toEqual([500, 1_000]);
  });
});
