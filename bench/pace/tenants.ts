import { extent } from '../harness/arithmetic.ts';
import { type BenchRequest, makeRequests, sendRequests } from '../harness/requests.ts';
import { QUOTA_PER_SECOND } from '../harness/run-figures.ts';
import type { Scenario, ScenarioContext } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';
import { simulateTenants } from './tenants-simulated.ts';

const IMPORTED = 600;
/** The number of requests of the import for each request of another tenant. */
const IMPORT_SHARE = 30;
/** The numbers of tenants, including the one that imports. */
const TENANTS = [2, 4, 20] as const;
const FAIR_BOUND = 3;

export const tenants: Scenario = {
  name: 'tenants',
  about:
    "one tenant's import of 600 requests, and then 20 requests of each of 1, 3 and 19 other tenants, in the same lane",
  async run(context) {
    const imported = context.rooms ?? IMPORTED;
    const few = Math.ceil(imported / IMPORT_SHARE);
    const runs: Measured[] = [];
    for (const count of TENANTS) runs.push(await measure(context, { imported, few, count, grouped: true }));
    runs.push(await measure(context, { imported, few, count: TENANTS[0], grouped: false }));
    const grouped = TENANTS.map((_, index) => index);
    return [
      {
        scenario: 'tenants',
        title: `An import of ${imported} requests, followed by ${few} requests from each of the other tenants, all in the bulk lane`,
        columns: [...TENANTS.map((count) => `${count} tenants`), 'without groups'],
        rows: [
          {
            figure: `last tenant: time until its ${few} are done`,
            unit: 'seconds',
            values: runs.map((each) => each.slowestSeconds),
          },
          {
            figure: `first tenant: time until its ${few} are done`,
            unit: 'seconds',
            values: runs.map((each) => each.fastestSeconds),
          },
          {
            figure: 'fair time: with an equal share of the quota',
            unit: 'seconds',
            values: runs.map((each) => each.fairSeconds),
          },
          {
            figure: "the last tenant's time ÷ fair time",
            unit: 'number',
            values: runs.map((each) => each.slowestSeconds / each.fairSeconds),
            bound: { atMost: FAIR_BOUND },
            boundColumns: grouped,
          },
          { figure: 'time until the import is done', unit: 'seconds', values: runs.map((each) => each.importSeconds) },
          {
            figure: 'share of the import that is done when the last tenant is finished',
            unit: 'share',
            values: runs.map((each) => each.importedMeanwhile),
          },
          { figure: 'requests unanswered', unit: 'count', values: runs.map((each) => each.open), bound: { atMost: 0 } },
        ],
        notes: [
          'The MessageGroupId of each message is its tenant. "Without groups": the messages of two tenants have the same group, so the queue cannot distinguish the tenants.',
          'The emulated queue delivers as AWS documents its fair queues: a group yields to the others while it has too many messages in flight or takes too much of the workers’ time.',
        ],
      },
      await simulateTenants(context, TENANTS),
    ];
  },
};

interface Run {
  imported: number;
  few: number;
  count: number;
  grouped: boolean;
}

interface Measured {
  slowestSeconds: number;
  fastestSeconds: number;
  /** How long the requests of a tenant would take if every tenant had an equal share of the quota. */
  fairSeconds: number;
  importSeconds: number;
  /** How much of the import was done when the other tenants were done. */
  importedMeanwhile: number;
  open: number;
}

function measure(context: ScenarioContext, { imported, few, count, grouped }: Run): Promise<Measured> {
  return withStack(context, { name: `tenants ${count} ${grouped ? 'grouped' : 'ungrouped'}` }, async (running) => {
    const ofImport = makeRequests(imported, { name: 'import', tenant: 'importer' });
    const ofOthers = Array.from({ length: count - 1 }, (_, index) =>
      makeRequests(few, { name: `other-${index}`, tenant: `other-${index}` }),
    );
    const sent = (requests: BenchRequest[]) =>
      grouped ? requests : requests.map((request) => ({ ...request, tenant: 'everybody' }));
    const importSentMs = Date.now();
    await sendRequests(sent(ofImport), { ...running, lane: 'bulk' });
    const othersSentMs = Date.now();
    await sendRequests(sent(ofOthers.flat()), { ...running, lane: 'bulk' });
    const keys = [...ofImport, ...ofOthers.flat()].map(({ key }) => key);
    await running.settle(keys, 30_000 + (keys.length / QUOTA_PER_SECOND) * 3_000);

    const [fastestMs, slowestMs] = extent(ofOthers.map((requests) => lastAnswerMs(running, requests)));
    const doneByThen = answersMs(running, ofImport).filter((atMs) => atMs <= slowestMs);
    return {
      slowestSeconds: (slowestMs - othersSentMs) / 1000,
      fastestSeconds: (fastestMs - othersSentMs) / 1000,
      fairSeconds: few / (QUOTA_PER_SECOND / count),
      importSeconds: (lastAnswerMs(running, ofImport) - importSentMs) / 1000,
      importedMeanwhile: doneByThen.length / imported,
      open: keys.filter((key) => !running.completions.answers.has(key)).length,
    };
  });
}

function lastAnswerMs(running: RunningStack, requests: readonly BenchRequest[]): number {
  return extent(answersMs(running, requests))[1];
}

function answersMs({ completions }: RunningStack, requests: readonly BenchRequest[]): number[] {
  return requests.flatMap(({ key }) => completions.answers.get(key)?.atMs ?? []);
}
