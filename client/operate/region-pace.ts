import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import type { PaceItem, RoomApi } from '../../lib/pace/pace-item.ts';
import { createPaceTable, type PaceUpdate, readPace } from '../../lib/pace/pace-table.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';
import type { Deployment, QueueName } from '../deployment.ts';

/** CreateRoom calls per second, for each account and region: https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html */
export const DOCUMENTED_CALLS_PER_SECOND = 5;

/** The queues whose requests use the quota. */
export const REQUEST_QUEUES = ['interactive', 'bulk', 'redrive'] as const;

/** The pace of an API in one region, which all workers share. */
export interface RegionPace {
  region: Region;
  item: PaceItem;
}

/** The messages of one queue, as SQS approximates them. */
export interface QueueDepth {
  queue: QueueName;
  /** Messages that a worker may receive now. */
  visible: number;
  /** Messages that a worker has, or that wait for their next attempt. */
  inFlight: number;
}

/**
 * Reads the pace of CreateRoom, or of another API, in every region.
 * @throws the SDK's error; `ResourceNotFoundException` if the stage is not deployed
 */
export function readPaces(
  { dynamodb, paceTable: tableName }: Pick<Deployment, 'dynamodb' | 'paceTable'>,
  api: RoomApi = 'CreateRoom',
): Promise<RegionPace[]> {
  return Promise.all(
    REGIONS.map(async (region) => ({ region, item: await readPace({ dynamodb, tableName }, region, api) })),
  );
}

/**
 * Changes the pace of CreateRoom in some regions, one region at a time. Workers see the change in the response to their next reservation.
 * @param update receives the time that the workers share
 * @throws TableUnavailableError. The regions that were yielded before the error have been changed
 */
export async function* changePaces(
  { dynamodb, paceTable }: Deployment,
  regions: readonly Region[],
  update: (nowMs: number) => PaceUpdate,
): AsyncGenerator<RegionPace> {
  const table = createPaceTable(openTables(dynamodb, systemClock), paceTable);
  for (const region of regions) {
    let usedMs = table.time.nowMs();
    let { item } = await table.update(region, 'CreateRoom', update(usedMs));
    // The response may show that this machine's clock is wrong. The time in the update was then wrong too, so the update is repeated.
    while (Math.abs(table.time.nowMs() - usedMs) > WRONG_BY_MS) {
      usedMs = table.time.nowMs();
      ({ item } = await table.update(region, 'CreateRoom', update(usedMs)));
    }
    yield { region, item };
  }
}

/** A larger difference means that the clock was wrong, because a write never takes this long. */
const WRONG_BY_MS = 30_000;

/** Reads how many messages wait in the given queues. */
export function readQueueDepths(
  { sqs, queueUrl }: Pick<Deployment, 'sqs' | 'queueUrl'>,
  queues: readonly QueueName[] = REQUEST_QUEUES,
): Promise<QueueDepth[]> {
  return Promise.all(
    queues.map(async (queue) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await queueUrl(queue),
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return {
        queue,
        visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
        inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      };
    }),
  );
}
