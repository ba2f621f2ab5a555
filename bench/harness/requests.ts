import type { Deployment } from '../../client/deployment.ts';
import { UserError } from '../../client/user-error.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { type Outgoing, sendMessages } from '../../lib/platform/send-messages.ts';

/** A room request of a benchmark. Its room has the key as its name, so that a second room for a key is visible. */
export interface BenchRequest extends Outgoing {
  key: string;
}

export function makeRequests(
  count: number,
  { name, tenant = 'bench', region }: { name: string; tenant?: string; region?: Region },
): BenchRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const key = `${name}-${index}`;
    const request = { idempotencyKey: key, room: { name: key }, tenant, ...(region && { region }) };
    return { key, tenant, ...(region && { region }), body: JSON.stringify(request) };
  });
}

/** @throws UserError if the queue refuses a request */
export async function sendRequests(
  requests: Iterable<BenchRequest>,
  { deployment, lane, signal }: { deployment: Deployment; lane: Lane; signal: AbortSignal },
): Promise<void> {
  await sendTo(await deployment.queueUrl(lane), requests, { deployment, signal });
}

/** Like `sendRequests`, but to any queue. */
export async function sendTo(
  queueUrl: string,
  requests: Iterable<BenchRequest>,
  { deployment, signal }: { deployment: Deployment; signal: AbortSignal },
): Promise<void> {
  const settings = { sqs: deployment.sqs, queueUrl, clock: systemClock, random: Math.random, signal };
  for await (const results of sendMessages(requests, settings)) {
    const problem = results.find((each) => each.problem !== undefined);
    if (problem) throw new UserError(`${problem.message.key} was not sent: ${problem.problem}`);
  }
}
