import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { withCompletionFeed } from '../../client/completion-feed.ts';
import { connectLocally } from '../../client/deployment.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { type LedgerItem, parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { startStack } from '../../local/stack.ts';
import { queueAttributes, sendAll, until } from './gateway-clients.ts';
import { type ImpatientTiming, packageImpatiently } from './impatient-package.ts';
import { type Call, type KillingProxy, type Plan, startKillingProxy } from './killing-proxy.ts';
import { must } from './must.ts';

const LIMIT_MS = 60_000;

/** The state of one key after all of its messages are done. */
export interface Run {
  plan: Plan;
  calls: readonly Call[];
  killedPids: readonly number[];
  /** The ARNs of all rooms for the key. */
  rooms: string[];
  completions: Completion[];
  item: LedgerItem | undefined;
  /** How many messages are in the dead-letter queue and in the parked queue. */
  setAside: number;
  /** The errors that the functions and Lambda have logged, except those about kills. */
  errors: string[];
}

export interface KillingStack {
  /** Sends one request twice, with a new key, and waits until both messages are done. One run at a time. */
  run(plan: Plan): Promise<Run>;
  close(): Promise<void>;
}

/**
 * A stack of the packaged functions without random faults. The functions are processes that reach AWS through a killing proxy. They
 * handle one message at a time, so that a call can come from only one process.
 */
export async function openKillingStack(timing: ImpatientTiming = {}): Promise<KillingStack> {
  const proxy = await startKillingProxy({
    target: () => stack.endpoint,
    // No other function makes a call in these runs. start-bulk-job has only received the test event of its bucket.
    callers: () => provisionRooms().flatMap((each) => each.pids()),
  });
  const provisionRooms = () => stack.functions.filter(({ definition }) => definition.name.endsWith('provision-rooms'));
  const packaged = packageImpatiently(proxy.endpoint, timing);
  const logs: string[] = [];
  let keyCount = 0;
  const stack = await startStack({
    templateFile: packaged.templateFile,
    seed: 1,
    calm: true,
    isolation: 'process',
    onLog: (_functionName, line) => logs.push(line),
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
  const { InteractiveQueue, InteractiveDeadLetterQueue, ParkedQueue } = stack.outputs;
  const feed = await listen(deployment);

  async function countIn(queueUrl: string | undefined): Promise<number> {
    const counts = await queueAttributes(deployment.sqs, must(queueUrl));
    return Number(counts.ApproximateNumberOfMessages) + Number(counts.ApproximateNumberOfMessagesNotVisible);
  }

  async function readItem(idempotencyKey: string): Promise<LedgerItem | undefined> {
    const Key = { id: { S: ledgerKey(idempotencyKey) } };
    const { Item } = await deployment.dynamodb.send(new GetItemCommand({ TableName: deployment.ledgerTable, Key }));
    return Item && parseLedgerItem(Item);
  }

  return {
    async run(plan) {
      const idempotencyKey = `key-${++keyCount}`;
      const completions = () => feed.completions.filter(({ data }) => data.idempotencyKey === idempotencyKey);
      const body = JSON.stringify({ idempotencyKey, room: { name: 'hall' } });
      proxy.begin(plan);
      logs.length = 0;
      await sendAll(deployment.sqs, must(InteractiveQueue), [{ body }, { body }]);
      // Each message is answered before it is done, so the queue is polled only after all answers.
      await until(async () => completions().length >= 2 || undefined, LIMIT_MS);
      await until(async () => (await countIn(InteractiveQueue)) === 0 || undefined, LIMIT_MS);
      await until(async () => completions().length >= publishedCount(proxy) || undefined);
      return {
        plan,
        calls: proxy.calls,
        killedPids: proxy.killedPids,
        rooms: stack.ivsChat
          .rooms()
          .flatMap(({ arn, tags }) => (tags[KEY_TAG] === ledgerKey(idempotencyKey) ? arn : [])),
        completions: completions(),
        item: await readItem(idempotencyKey),
        setAside: (await countIn(InteractiveDeadLetterQueue)) + (await countIn(ParkedQueue)),
        errors: logs.filter((line) => line.includes('"ERROR"') && !line.includes('signal SIGKILL')),
      };
    },
    async close() {
      await feed.stop();
      deployment.close();
      await stack.stop();
      await proxy.close();
      packaged.remove();
    },
  };
}

function publishedCount({ calls }: KillingProxy): number {
  return calls.filter(({ operation, struck }) => operation === 'Publish' && struck !== 'before').length;
}

/** Collects the events that are published from now on. */
async function listen(deployment: Parameters<typeof withCompletionFeed>[0]) {
  const completions: Completion[] = [];
  const stopping = new AbortController();
  const subscribed = Promise.withResolvers<void>();
  const onUnreadable = (problem: string) => {
    throw new Error(problem);
  };
  const listening = withCompletionFeed(deployment, { onUnreadable }, async (feed) => {
    subscribed.resolve();
    for await (const { completion } of feed.completions(stopping.signal)) completions.push(completion);
  });
  await Promise.race([subscribed.promise, listening]);
  return {
    completions,
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}
