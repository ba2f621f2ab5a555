import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as z from 'zod';
import { LANES } from '../../../lib/contract/lanes.ts';
import { createLogger } from '../../../lib/platform/log.ts';
import { createMeter } from '../../../lib/platform/meter.ts';
import { createQueueMeter } from '../../../lib/platform/queue-meter.ts';
import { createReleaseMeter } from '../../../lib/releasing/release-meter.ts';
import { createSweepMeter } from '../../../lib/sweeping/sweep-meter.ts';
import { captureMetrics } from '../../alarms/capture-metrics.ts';
import { asDeployed, compileTemplate, type Deployed, REGION, type Resources } from '../../alarms/compiled-template.ts';
import { createBench } from '../../support/memory-bench.ts';

let resources: Resources;
let deployed: Deployed;
beforeAll(async () => {
  resources = compileTemplate({}).resources;
  deployed = await asDeployed(resources);
}, 120_000);

const widgetSchema = z.object({
  type: z.enum(['metric', 'text']),
  properties: z.looseObject({
    title: z.string().optional(),
    region: z.string().optional(),
    metrics: z.array(z.array(z.unknown())).default([]),
  }),
});
const optionsSchema = z.looseObject({ id: z.string().optional(), expression: z.string().optional() });
const dashboardSchema = z.object({ periodOverride: z.literal('inherit'), widgets: z.array(widgetSchema) });

/** A metric that a widget shows: its namespace, name and dimensions. A dimension without a value has any. */
interface Shown {
  namespace: string;
  name: string;
  dimensions: Record<string, string | undefined>;
}

async function widgets() {
  const { DashboardBody } = await deployed.propertiesOf('Dashboard');
  return dashboardSchema.parse(JSON.parse(z.string().parse(DashboardBody))).widgets;
}

/** The metrics of a widget, also those that its search expressions look for. Other expressions refer to metrics of the same widget. */
function shownBy(metrics: readonly (readonly unknown[])[]): Shown[] {
  return metrics.flatMap((metric): Shown[] => {
    const [namespace, name, ...dimensions] = metric.filter((part): part is string => typeof part === 'string');
    if (namespace !== undefined && name !== undefined) return [{ namespace, name, dimensions: paired(dimensions) }];
    const { expression } = z.looseObject({ expression: z.string() }).parse(metric[0]);
    const [, schema, term] = /^SEARCH\('\{([^}]*)\} ([^']*)', '\w+', \d+\)$/.exec(expression) ?? [];
    if (schema === undefined || term === undefined) return [];
    const [searched = '', ...names] = schema.split(',');
    const values = Object.fromEntries([...term.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const anyValue = Object.fromEntries(names.map((each) => [each, values[each]]));
    return [{ namespace: searched, name: String(values.MetricName), dimensions: anyValue }];
  });
}

function paired(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
}

const lineSchema = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string() })),
      }),
    ),
  }),
});

/** The metrics that the functions write, as they write them. */
function ownMetrics(): Shown[] {
  const found: Shown[] = [];
  const restore = captureMetrics((text) => {
    const line = lineSchema.parse(JSON.parse(text));
    for (const { Namespace: namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics)
      for (const { Name: name } of Metrics)
        for (const names of Dimensions)
          found.push({
            namespace,
            name,
            dimensions: Object.fromEntries(names.map((each) => [each, String(line[each])])),
          });
  });
  try {
    const meters = [createMeter({ stage: 'prod', callsPerSecond: 5 })].map((meter) => {
      meter.noteSlot({ region: 'eu-west-1', waitedMs: 1, rate: 5 });
      meter.countThrottle('eu-west-1');
      meter.countBreakerOpen('eu-west-1');
      meter.noteBreakerAge(1);
      meter.countPublishFailure();
      meter.countFailure('refused');
      for (const lane of LANES) {
        meter.noteCompletion({ lane, sinceArrivalMs: 1 });
        meter.noteOldest(lane, 1);
      }
      return meter;
    });
    const queueMeter = createQueueMeter({ stage: 'prod' });
    for (const queue of ['live-events', 'manifests', 'rosters'] as const) queueMeter.noteOldest(queue, 1);
    queueMeter.noteOverdueReminders(0);
    const releaseMeter = createReleaseMeter({ stage: 'prod' });
    releaseMeter.noteReleases({ region: 'eu-west-1', released: 1, denied: 1, overdueMs: 0 });
    const sweepMeter = createSweepMeter({ stage: 'prod' });
    sweepMeter.noteSweep({ extraRooms: 0, overdueRooms: 0, survivingRooms: 0, failures: 0 });
    for (const meter of [...meters, queueMeter, releaseMeter, sweepMeter]) meter.publish();
  } finally {
    restore();
  }
  return found;
}

/** The metrics documented by AWS that the dashboard may show, with the types of the resources that they describe. */
const OF_AWS: { namespace: string; names: string[]; dimensions: Record<string, string>; source: string }[] = [
  {
    namespace: 'AWS/SQS',
    names: [
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
      'NumberOfMessagesReceived',
      'NumberOfEmptyReceives',
    ],
    dimensions: { QueueName: 'AWS::SQS::Queue QueueName' },
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  },
  {
    namespace: 'AWS/Lambda',
    names: ['Invocations', 'Errors', 'Throttles', 'Duration'],
    dimensions: { FunctionName: 'AWS::Lambda::Function FunctionName' },
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
  },
  {
    namespace: 'AWS/DynamoDB',
    names: ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'],
    dimensions: { TableName: 'AWS::DynamoDB::Table TableName', GlobalSecondaryIndexName: 'index' },
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
  },
  {
    namespace: 'AWS/SNS',
    names: ['NumberOfMessagesPublished'],
    dimensions: { TopicName: 'AWS::SNS::Topic TopicName' },
    source: 'https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html',
  },
  {
    namespace: 'AWS/Logs',
    names: ['IncomingBytes'],
    dimensions: { LogGroupName: 'AWS::Logs::LogGroup LogGroupName' },
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html',
  },
];

function isOfAws({ namespace, name, dimensions }: Shown): boolean {
  const known = OF_AWS.find((each) => each.namespace === namespace && each.names.includes(name));
  if (known === undefined) return false;
  return Object.entries(dimensions).every(([dimension, value]) => {
    const [type = '', property = ''] = known.dimensions[dimension]?.split(' ') ?? [];
    if (type === 'index')
      return deployed
        .idsOf('AWS::DynamoDB::Table')
        .some(
          (id) =>
            resources[id]?.Properties.TableName === dimensions.TableName &&
            JSON.stringify(resources[id]).includes(`"IndexName":"${value}"`),
        );
    return deployed.idsOf(type).some((id) => resources[id]?.Properties[property] === value);
  });
}

function isWritten({ namespace, name, dimensions }: Shown, written: readonly Shown[]): boolean {
  const same = Object.keys(dimensions).sort().join();
  return written.some(
    (each) =>
      each.namespace === namespace &&
      each.name === name &&
      Object.keys(each.dimensions).sort().join() === same &&
      Object.entries(dimensions).every(([key, value]) => value === undefined || each.dimensions[key] === value),
  );
}

/** The metrics that no source writes, so that their graphs would stay empty. */
function unknownAmong(shown: readonly Shown[]): Shown[] {
  const written = ownMetrics();
  return shown.filter((each) => !isOfAws(each) && !isWritten(each, written));
}

describe('the dashboard', () => {
  test('shows only metrics that the functions write or AWS documents, and only for resources in the template', async () => {
    const shown = (await widgets()).flatMap(({ properties }) => shownBy(properties.metrics));
    expect(shown.length).toBeGreaterThan(70);
    expect(unknownAmong(shown)).toEqual([]);
  });

  test.each<[string, unknown[]]>([
    ['a metric with another name', ['greenroom', 'Rates', 'service', 'greenroom', 'stage', 'prod']],
    ['a metric without one of its dimensions', ['greenroom', 'Rate', 'service', 'greenroom', 'stage', 'prod']],
    ['a metric of another stage', ['greenroom', 'ExtraRooms', 'service', 'greenroom', 'stage', 'dev']],
    ['a metric that AWS does not have', ['AWS/SQS', 'NumberOfMessagesLost', 'QueueName', 'greenroom-prod-bulk']],
    ['a queue that is not in the template', ['AWS/SQS', 'NumberOfEmptyReceives', 'QueueName', 'greenroom-prod-bulky']],
    [
      'a search',
      [{ expression: `SEARCH('{greenroom,service,stage,lane} MetricName="Rate" stage="prod"', 'Sum', 60)` }],
    ],
  ])('control: %s that no source writes is found', (_what, metric) => {
    expect(unknownAmong(shownBy([metric]))).toHaveLength(1);
  });

  test('has no expression without its metrics', async () => {
    for (const { properties } of await widgets()) {
      const options = properties.metrics.map((metric) => optionsSchema.safeParse(metric.at(-1)).data ?? {});
      const ids = options.map(({ id }) => id);
      for (const { expression = '' } of options) {
        if (expression.startsWith('SEARCH')) continue;
        for (const [id] of expression.matchAll(/[a-z]\w*/g)) expect(ids).toContain(id);
      }
    }
  });

  test('shows the region of the stack', async () => {
    const regions = (await widgets()).flatMap(({ type, properties }) => (type === 'metric' ? [properties.region] : []));
    expect([...new Set(regions)]).toEqual([REGION]);
  });
});

/** Standard fields: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html */
const FIELDS_OF_LOGS = ['@timestamp', '@log'];
const WORDS = /^(filter|fields|stats|sort|limit|by|as|or|and|asc|desc|ispresent|count|count_distinct|max)$/;

/** The fields that a query reads. The names that it gives to its own results are not among them. */
function fieldsIn(query: string): string[] {
  const code = query.replaceAll(/^\s*#.*$/gm, '').replaceAll(/'[^']*'/g, '');
  const own = [...code.matchAll(/ as (\w+)/g)].map(([, name]) => name);
  const names = code.match(/@?[a-zA-Z_][\w.]*/g) ?? [];
  return [...new Set(names)].filter((name) => !WORDS.test(name) && !own.includes(name));
}

const querySchema = z.object({ Name: z.string(), LogGroupNames: z.array(z.string()), QueryString: z.string() });
const queries = () =>
  Promise.all(
    deployed.idsOf('AWS::Logs::QueryDefinition').map(async (id) => querySchema.parse(await deployed.propertiesOf(id))),
  );

/** The fields of the log lines of one request that is created, one that fails and one that waits, as the logger prints them. */
async function loggedFields(): Promise<string[]> {
  const bench = createBench();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const handle = (key: string) =>
    bench.handle(
      bench.record(
        { idempotencyKey: key, room: {}, tenant: 'arena', correlationId: 'c' },
        { messageAttributes: { traceparent: { dataType: 'String', stringValue: traceparent } } },
      ),
    );
  await handle('created');
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
  await handle('failed');
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'PendingVerification' } });
  await handle('waits');
  expect(bench.lines.map(({ fields }) => fields.outcome)).toEqual(['created', 'failed', 'postponed']);
  return printed(bench.lines).flatMap((line) => Object.keys(line));
}

function printed(lines: readonly { text: string; fields: Record<string, unknown> }[]): Record<string, unknown>[] {
  const before = process.env.POWERTOOLS_DEV;
  process.env.POWERTOOLS_DEV = 'true';
  const texts: string[] = [];
  const spy = jest.spyOn(console, 'info').mockImplementation((text) => void texts.push(String(text)));
  try {
    const logger = createLogger();
    for (const { text, fields } of lines) logger.info(text, { ...fields });
  } finally {
    spy.mockRestore();
    if (before === undefined) delete process.env.POWERTOOLS_DEV;
    else process.env.POWERTOOLS_DEV = before;
  }
  return texts.map((text) => z.record(z.string(), z.unknown()).parse(JSON.parse(text)));
}

describe('the saved queries', () => {
  test('read only fields that the log lines have', async () => {
    const known = [...FIELDS_OF_LOGS, ...(await loggedFields())];
    const unknown = (await queries()).flatMap(({ Name, QueryString }) =>
      fieldsIn(QueryString).flatMap((field) => (known.includes(field) ? [] : [`${Name}: ${field}`])),
    );
    expect(unknown).toEqual([]);
  });

  test('control: the fields of a query are found, and not its own names', () => {
    const query =
      "# a comment\nfilter ispresent(one) or two = 'three'\n| stats max(four) as five by six\n| sort five desc";
    expect(fieldsIn(query)).toEqual(['one', 'two', 'four', 'six']);
  });

  test('read the log groups of functions, and the query by key reads all of them', async () => {
    const all = deployed.idsOf('AWS::Logs::LogGroup').map((id) => resources[id]?.Properties.LogGroupName);
    const [byKey, ...others] = await queries();
    expect(byKey?.LogGroupNames.toSorted()).toEqual(all.toSorted());
    expect(others).toHaveLength(3);
    for (const { LogGroupNames } of others) expect(all).toEqual(expect.arrayContaining(LogGroupNames));
  });
});
