import { REGIONS } from '../../lib/contract/regions.ts';
import type { Stack } from '../../local/stack.ts';
import type { IvsChatProcess } from './ivs-chat-process.ts';
import { type BenchRequest, makeRequests } from './requests.ts';

const BATCH_SIZE = 10;
/** After a single batch, an environment is still compiling its code, and its next calls are late. */
const BATCHES_EACH = 5;
const PLENTY = 1_000;

/**
 * Makes several execution environments process a few batches each, with requests for all regions. Afterwards, they are as warm as the
 * environments of a service in use. The batches do not come from a queue. The quotas are lifted during the warm-up, because a throttled call would lower
 * the rate. Afterwards, the emulator of IVS Chat is reset.
 */
export async function warmUp(
  { stack, ivsChat }: { stack: Pick<Stack, 'region' | 'invoke'>; ivsChat: Pick<IvsChatProcess, 'setQuotas' | 'reset'> },
  environments: number,
): Promise<void> {
  await ivsChat.setQuotas({ tps: { CreateRoom: PLENTY }, burst: PLENTY });
  for (let round = 0; round < BATCHES_EACH; round++) {
    const batches = Array.from({ length: environments }, (_, index) => batchOf(`${round}-${index}`, stack.region));
    // Each of several concurrent invocations has its own environment.
    await Promise.all(batches.map((Records) => stack.invoke('provision-rooms', { Records })));
  }
  await ivsChat.reset();
}

function batchOf(batch: string, stackRegion: string): object[] {
  const perRegion = Math.ceil(BATCH_SIZE / REGIONS.length);
  const requests = REGIONS.flatMap((region) => makeRequests(perRegion, { name: `warm-up-${batch}-${region}`, region }));
  return toRecords(requests.slice(0, BATCH_SIZE), stackRegion);
}

/** The records with which Lambda would pass requests of the bulk lane to `provision-rooms`. */
export function toRecords(requests: readonly BenchRequest[], stackRegion: string): object[] {
  return requests.map(({ key, body }) => ({
    messageId: key,
    receiptHandle: key,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
    messageAttributes: {},
    eventSourceARN: `arn:aws:sqs:${stackRegion}:000000000000:greenroom-local-bulk`,
  }));
}
