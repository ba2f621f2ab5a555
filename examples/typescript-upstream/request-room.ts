/**
 * `node request-room.ts [KEY [NAME]]`: requests a room, waits until it exists, and prints its ARN. A second run with the same key prints the
 * same ARN, because a key gets at most one room. `GREENROOM_STAGE` names the stage (default: `local`, the embedded stack).
 */
import { createGreenroom, type WaitResult } from 'greenroom';

const [idempotencyKey = 'from-typescript/main-chat', name = 'from-typescript'] = process.argv.slice(2);
const stage = process.env.GREENROOM_STAGE ?? 'local';

/** @returns the ARN of the room. @throws Error that says why there is none */
async function requestRoom(): Promise<string> {
  const greenroom = createGreenroom({ stage, tenant: 'sports' });
  try {
    const sent = await greenroom.requestRoom({ idempotencyKey, room: { name, tags: { event: name } } });
    if (sent.kind === 'invalid')
      throw new Error(sent.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    // SQS may have accepted the request although its response was lost. To send it again is safe.
    if (sent.kind === 'not-sent') throw new Error(`${sent.problem}. Run this program again`);
    return arnIn(await greenroom.waitFor(idempotencyKey, { requestedAt: sent.requestedAt, timeoutSeconds: 60 }));
  } finally {
    await greenroom.close();
  }
}

function arnIn(outcome: WaitResult): string {
  switch (outcome.kind) {
    case 'provisioned':
      return outcome.room.arn;
    case 'failed':
      throw new Error(`${outcome.reason}: ${outcome.error.message}`);
    case 'timeout':
      throw new Error('There is no outcome yet. Run this program again to continue to wait');
    default:
      // For example `released`: the room does not exist any more, and its key cannot be used again.
      throw new Error(`The key ${idempotencyKey} has no room: ${outcome.kind}`);
  }
}

try {
  console.log(await requestRoom());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
