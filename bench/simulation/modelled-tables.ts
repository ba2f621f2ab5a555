import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../../lib/platform/clock.ts';
import { createSharedTime } from '../../lib/platform/shared-time.ts';
import type { Tables } from '../../lib/platform/tables.ts';
import { updateItemInput } from '../../lib/platform/update-expression.ts';
import { drawLatencyMs, LATENCY_MS } from './assumptions.ts';
import type { SimulatedWorld } from './world.ts';

const responseSchema = z.object({
  Attributes: z.record(z.string(), z.custom<AttributeValue>()).optional(),
  Item: z.record(z.string(), z.custom<AttributeValue>()).optional(),
});

const NEVER = new AbortController().signal;

/** Tables whose writes go to the same DynamoDB and take as long as with the SDK's client, but without the client's processor time. */
export function connectTables({ servers, random }: SimulatedWorld, clock: Clock): Tables {
  const halfWay = () => clock.sleep(drawLatencyMs(LATENCY_MS.dynamodb / 2, random), NEVER);
  return {
    time: createSharedTime(clock),
    async update(update) {
      await halfWay();
      const response = await servers.dynamodb({
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: { 'x-amz-target': 'DynamoDB_20120810.UpdateItem' },
        body: Buffer.from(JSON.stringify(updateItemInput(update))),
        region: '',
      });
      await halfWay();
      if ('lost' in response) throw new Error('Nothing is lost in this simulation');
      const { Attributes, Item } = responseSchema.parse(JSON.parse(String(response.body)));
      return response.status === 200 ? { written: true, attributes: Attributes } : { written: false, attributes: Item };
    },
  };
}
