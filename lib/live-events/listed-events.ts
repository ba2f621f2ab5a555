import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { expressionValues } from '../platform/update-expression.ts';
import { LIVE_EVENTS_BY_START } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';

/** The attributes that are read. The index must have them (infrastructure/tables.yml), or DynamoDB refuses the query. */
export const LISTED_ATTRIBUTES = [
  'live_event_id',
  'tenant',
  'revision',
  'opens_at',
  'check_at',
  'expected_at',
] as const;

const listedSchema = z.object({
  live_event_id: z.string(),
  tenant: z.string(),
  revision: z.number(),
  live_state: z.enum(['pending', 'opened']),
  starts_at: z.number(),
  opens_at: z.number(),
  check_at: z.number(),
  expected_at: z.optional(z.number()),
});

/** The index entry of an event. It may lag behind the event's item. */
export type ListedEvent = z.infer<typeof listedSchema>;

/**
 * Lists the events in a state that start at `fromMs` or later, ordered by start, page by page. An event that cannot be read is left out, so
 * that the others are still listed.
 * @throws errors from DynamoDB
 */
export async function* listEvents(
  state: ListedEvent['live_state'],
  fromMs: number,
  { clients, config, log }: Pick<LiveEventServices, 'clients' | 'config' | 'log'>,
): AsyncGenerator<ListedEvent[]> {
  const query: QueryCommandInput = {
    TableName: config.rosterTable,
    IndexName: LIVE_EVENTS_BY_START,
    KeyConditionExpression: 'live_state = :state AND starts_at >= :from',
    ExpressionAttributeValues: expressionValues({ state, from: fromMs }),
    ProjectionExpression: ['pk', 'live_state', 'starts_at', ...LISTED_ATTRIBUTES].join(', '),
  };
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await clients.dynamodb.send(new QueryCommand({ ...query, ExclusiveStartKey }));
    yield (page.Items ?? []).flatMap((item) => {
      const { data, error } = listedSchema.safeParse(unmarshall(item));
      if (error) log.error('A live event in the index cannot be read', { pk: item.pk?.S, error });
      return data ?? [];
    });
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
