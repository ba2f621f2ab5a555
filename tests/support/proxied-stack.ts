import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { withCompletionFeed } from '../../client/completion-feed.ts';
import { connectLocally, type Deployment } from '../../client/deployment.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import type { ReleaseEvent } from '../../lib/contract/release-event.ts';
import { type LedgerItem, parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { type ImpatientOptions, packageImpatiently } from './impatient-package.ts';
import { type KillingProxy, type KillingProxyOptions, startKillingProxy } from './killing-proxy.ts';

/** A stack whose functions reach AWS through a proxy, and what its topic and its functions have said so far. */
export interface ProxiedStack {
  stack: Stack;
  proxy: KillingProxy;
  deployment: Deployment;
  completions: readonly Completion[];
  releases: readonly ReleaseEvent[];
  /** The lines that the functions and Lambda have logged. The caller may empty the list. */
  logs: string[];
  readItem(idempotencyKey: string): Promise<LedgerItem | undefined>;
  close(): Promise<void>;
}

export interface ProxiedStackOptions
  extends ImpatientOptions,
    Pick<KillingProxyOptions, 'onCall'>,
    Pick<StackOptions, 'onDenied'> {
  /** The end of the name of the function whose processes are killed. While a plan is carried out, only this function may make calls. */
  victim: string;
}

/** A stack of the packaged functions without random faults and without schedules. The functions are processes. */
export async function openProxiedStack({
  victim,
  onCall,
  onDenied,
  ...options
}: ProxiedStackOptions): Promise<ProxiedStack> {
  const victims = () => stack.functions.filter(({ definition }) => definition.name.endsWith(victim));
  const proxy = await startKillingProxy({
    target: () => stack.endpoint,
    callers: () => victims().flatMap((each) => each.pids()),
    ...(onCall && { onCall }),
  });
  const packaged = packageImpatiently(proxy.endpoint, options);
  const logs: string[] = [];
  const stack = await startStack({
    templateFile: packaged.templateFile,
    seed: 1,
    calm: true,
    isolation: 'process',
    schedules: 'off',
    ...(onDenied && { onDenied }),
    onLog: (_functionName, line) => logs.push(line),
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
  const feed = await listen(deployment);
  return {
    stack,
    proxy,
    deployment,
    completions: feed.completions,
    releases: feed.releases,
    logs,
    async readItem(idempotencyKey) {
      const Key = { id: { S: ledgerKey(idempotencyKey) } };
      const { Item } = await deployment.dynamodb.send(new GetItemCommand({ TableName: deployment.ledgerTable, Key }));
      return Item?.claim_id && parseLedgerItem(Item);
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

/** Collects the events that are published from now on. */
async function listen(deployment: Deployment) {
  const completions: Completion[] = [];
  const releases: ReleaseEvent[] = [];
  const stopping = new AbortController();
  const subscribed = Promise.withResolvers<void>();
  const settings = {
    onUnreadable(problem: string) {
      throw new Error(problem);
    },
    onReleaseEvent: (event: ReleaseEvent) => void releases.push(event),
  };
  const listening = withCompletionFeed(deployment, settings, async (feed) => {
    subscribed.resolve();
    for await (const { completion } of feed.completions(stopping.signal)) completions.push(completion);
  });
  await Promise.race([subscribed.promise, listening]);
  return {
    completions,
    releases,
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}
