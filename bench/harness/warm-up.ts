import { REGIONS } from '../../lib/contract/regions.ts';
import type { Stack } from '../../local/stack.ts';
import { makeRequests } from './requests.ts';

const BATCH_SIZE = 10;
const PLENTY = 1_000;

/**
 * Has as many execution environments work on a batch each, with requests for all regions, so that they are as warm as those
 * of a service in use. The batches come from no queue. Nothing is throttled meanwhile, since that would slow the pace down,
 * and IVS Chat forgets all of it.
 */
export async function warmUp(stack: Stack, environments: number): Promise<void> {
  stack.ivsChat.setQuotas({ tps: { CreateRoom: PLENTY }, burst: PLENTY });
  const batches = Array.from({ length: environments }, (_, index) => batchOf(index, stack.region));
  // Invocations at the same time have an environment each.
  await Promise.all(batches.map((Records) => stack.invoke('provision-rooms', { Records })));
  stack.ivsChat.reset();
}

function batchOf(batch: number, stackRegion: string): object[] {
  const perRegion = Math.ceil(BATCH_SIZE / REGIONS.length);
  const requests = REGIONS.flatMap((region) => makeRequests(perRegion, { name: `warm-up-${batch}-${region}`, region }));
  return requests.slice(0, BATCH_SIZE).map(({ key, body }) => ({
    messageId: key,
    receiptHandle: key,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
    messageAttributes: {},
    eventSourceARN: `arn:aws:sqs:${stackRegion}:000000000000:greenroom-local-bulk`,
  }));
}
