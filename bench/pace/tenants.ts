import { extent } from '../harness/arithmetic.ts';
import { type BenchRequest, makeRequests, sendRequests } from '../harness/requests.ts';
import { QUOTA_PER_SECOND } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const IMPORTED = 600;
/** How many requests of the import come to one of the other tenant. */
const IMPORT_SHARE = 30;
/** With two tenants at work each has half of the quota. */
const TENANTS = 2;

export const tenants: Scenario = {
  name: 'tenants',
  about: "one tenant's import of 600 requests, and another's 20 requests sent after it, in the same lane",
  async run(context) {
    const imported = context.rooms ?? IMPORTED;
    const few = Math.ceil(imported / IMPORT_SHARE);
    const grouped = await measure(context, { imported, few, grouped: true });
    const ungrouped = await measure(context, { imported, few, grouped: false });
    const fairSeconds = few / (QUOTA_PER_SECOND / TENANTS);
    const runs = [grouped, ungrouped];
    return [
      {
        scenario: 'tenants',
        title: `An import of ${imported} requests and, sent after it, ${few} of another tenant, both in the bulk lane`,
        columns: ['grouped by tenant', 'without groups'],
        rows: [
          {
            figure: `the ${few} done after`,
            unit: 'seconds',
            values: runs.map((each) => each.fewSeconds),
            bound: { atMost: 3 * fairSeconds },
            boundColumns: [0],
          },
          { figure: 'fair share: half of the quota', unit: 'seconds', values: [fairSeconds, fairSeconds] },
          { figure: 'the import done after', unit: 'seconds', values: runs.map((each) => each.importSeconds) },
          {
            figure: "the few's time as a share of the import's",
            unit: 'share',
            values: runs.map((each) => each.fewSeconds / each.importSeconds),
            bound: { atMost: 0.5 },
            boundColumns: [0],
          },
          { figure: 'requests unanswered', unit: 'count', values: runs.map((each) => each.open), bound: { atMost: 0 } },
        ],
        notes: [
          'Grouped: each message has its tenant as MessageGroupId, as our own senders set it. Without: all messages are in one group, so that the queue can’t tell the tenants apart.',
          'The emulated queue serves groups strictly in turn; AWS’s fair queues aim at the same and are not as exact.',
        ],
      },
    ];
  },
};

interface Import {
  imported: number;
  few: number;
  grouped: boolean;
}

function measure(context: ScenarioContext, { imported, few, grouped }: Import) {
  return withStack(context, { name: `tenants ${grouped ? 'grouped' : 'ungrouped'}` }, async (running) => {
    const ofImport = makeRequests(imported, { name: 'import', tenant: 'importer' });
    const ofOther = makeRequests(few, { name: 'other', tenant: 'other' });
    const sent = (requests: BenchRequest[]) =>
      grouped ? requests : requests.map((request) => ({ ...request, tenant: 'everybody' }));
    const importSentMs = Date.now();
    await sendRequests(sent(ofImport), { ...running, lane: 'bulk' });
    const otherSentMs = Date.now();
    await sendRequests(sent(ofOther), { ...running, lane: 'bulk' });
    const keys = [...ofImport, ...ofOther].map(({ key }) => key);
    await running.settle(keys, 30_000 + (keys.length / QUOTA_PER_SECOND) * 3_000);
    return {
      fewSeconds: secondsUntilDone(running, ofOther, otherSentMs),
      importSeconds: secondsUntilDone(running, ofImport, importSentMs),
      open: keys.filter((key) => !running.completions.answers.has(key)).length,
    };
  });
}

function secondsUntilDone({ completions }: RunningStack, requests: readonly BenchRequest[], sentMs: number): number {
  const [, lastMs] = extent(requests.flatMap(({ key }) => completions.answers.get(key)?.atMs ?? []));
  return (lastMs - sentMs) / 1000;
}
