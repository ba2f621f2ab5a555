import type { Completion } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { queueAttributes, sendAll, until } from './gateway-clients.ts';
import type { ImpatientOptions } from './impatient-package.ts';
import type { Call, KillingProxy, Plan } from './killing-proxy.ts';
import { must } from './must.ts';
import { openProxiedStack } from './proxied-stack.ts';

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
export async function openKillingStack(options: ImpatientOptions = {}): Promise<KillingStack> {
  // No other function makes a call in these runs. start-bulk-job has only received the test event of its bucket.
  const proxied = await openProxiedStack({ victim: 'provision-rooms', ...options });
  const { stack, proxy, deployment, logs, readItem, close } = proxied;
  const { InteractiveQueue, InteractiveDeadLetterQueue, ParkedQueue } = stack.outputs;
  let keyCount = 0;

  async function countIn(queueUrl: string | undefined): Promise<number> {
    const counts = await queueAttributes(deployment.sqs, must(queueUrl));
    return Number(counts.ApproximateNumberOfMessages) + Number(counts.ApproximateNumberOfMessagesNotVisible);
  }

  return {
    async run(plan) {
      const idempotencyKey = `key-${++keyCount}`;
      const completions = () => proxied.completions.filter(({ data }) => data.idempotencyKey === idempotencyKey);
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
    close,
  };
}

function publishedCount({ calls }: KillingProxy): number {
  return calls.filter(({ operation, struck }) => operation === 'Publish' && struck !== 'before').length;
}
