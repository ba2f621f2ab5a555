import { join } from 'node:path';
import { connectLocally } from '../../client/deployment.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import type { Stack } from '../../local/stack.ts';
import { openFunctionLogs } from '../../local/start/function-logs.ts';
import { type BenchRequest, sendTo } from '../harness/requests.ts';
import { type ChatFigures, chatFigures } from '../harness/run-figures.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import { messagesIn, tuneIvsChat, withSeparateIvsChat } from '../harness/with-stack.ts';
import { packageCookbook } from './package.ts';
import type { CookbookVariant } from './template.ts';

const REGION: Region = 'eu-west-1';
const POLL_EVERY_MS = 2_000;
const LIMIT_MS = 15 * 60_000;

export interface CookbookRun {
  requests: readonly BenchRequest[];
  seed: number;
  createRoomMs: number;
  variant: CookbookVariant;
}

/** Runs the baseline on the same emulators and the same runner until its queue is empty. By then, every message is done or is a dead letter. */
export async function runCookbook(
  context: ScenarioContext,
  run: CookbookRun,
): Promise<ChatFigures & { deadLetters: number }> {
  const name = `cookbook ${run.variant.inParallel ? 'in parallel' : 'in turn'}`;
  const logs = openFunctionLogs(join(context.root, '.greenroom', 'bench', name.replaceAll(' ', '-')));
  const packaged = await packageCookbook(context.root, run.variant);
  const options = {
    templateFile: packaged.file,
    seed: run.seed,
    calm: false,
    isolation: 'thread' as const,
    region: REGION,
    stackName: 'cookbook',
    onLog: logs.write,
    onError: logs.writeError,
  };
  try {
    return await withSeparateIvsChat(options, async ({ stack, ivsChat }) => {
      await tuneIvsChat(ivsChat, run);
      const deadLetters = await drain(stack, run, {
        ...context,
        progress: (text) => context.progress(`${name}: ${text}`),
      });
      return { ...(await chatFigures(ivsChat, run.requests)), deadLetters };
    });
  } finally {
    packaged.remove();
  }
}

/** Sends the requests and waits until none is left, but no longer than the limit. @returns the number of dead letters */
async function drain(stack: Stack, { requests }: CookbookRun, { signal, progress }: ScenarioContext): Promise<number> {
  const deployment = connectLocally({ endpoint: stack.endpoint, region: REGION });
  try {
    const { Requests: queueUrl = '', DeadLetters: deadLetterUrl = '' } = stack.outputs;
    await sendTo(queueUrl, requests, { deployment, signal });
    const beganMs = Date.now();
    for (let left = requests.length; left > 0 && Date.now() - beganMs < LIMIT_MS; ) {
      await systemClock.sleep(POLL_EVERY_MS, signal);
      left = await messagesIn(deployment, queueUrl);
      const seconds = Math.round((Date.now() - beganMs) / 1000);
      if (seconds % 10 < POLL_EVERY_MS / 1000) progress(`${left} messages left after ${seconds} s`);
    }
    return await messagesIn(deployment, deadLetterUrl);
  } finally {
    deployment.close();
  }
}
