import type { SQSBatchResponse } from 'aws-lambda';
import { createRandom } from '../../emulator/random.ts';
import { roleIdOf } from '../../emulator/template/role-id.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { createDataPoints, type DataPoints } from '../../simulation/cloudwatch/data-points.ts';
import { addEmbeddedMetrics } from '../../simulation/cloudwatch/embedded-metrics.ts';
import { createLambdaMetrics } from '../../simulation/cloudwatch/lambda-metrics.ts';
import { createSqsMetrics, type SqsMetrics } from '../../simulation/cloudwatch/sqs-metrics.ts';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import type { MemoryMessage, MemoryQueue, QueueSettings } from '../../simulation/memory-queue.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { must } from '../support/must.ts';
import { captureMetrics } from './capture-metrics.ts';
import { type Deployed, REGION } from './compiled-template.ts';
import { coldStarts } from './functions.ts';
import { createInvoker, type SimulatedFunction } from './lambda.ts';
import { createLogs } from './logs.ts';
import {
  functionsOf,
  invokeConfigsOf,
  mappingsOf,
  queuesOf,
  readQueueRules,
  rulesOf,
  type ScheduledRule,
} from './read-resources.ts';
import { openServices, type SnsMetric } from './services.ts';
import { watchAlarms } from './watch.ts';

export const START_MS = Date.parse('2026-12-18T00:00:00Z');
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** The time for which queues without functions have not been used, so that they no longer send metrics. */
const UNUSED_FOR_MS = 7 * HOUR_MS;
/**
 * "If the function returns an error, by default Lambda attempts to run it two more times, with a one-minute wait between the first two
 * attempts, and two minutes between the second and third attempts." For throttling, "the retry interval increases exponentially from 1
 * second after the first attempt to a maximum of 5 minutes":
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const ASYNC_RETRIES_MS = [MINUTE_MS, 2 * MINUTE_MS];
const LONGEST_THROTTLE_WAIT_MS = 5 * MINUTE_MS;
/** A function can change these with its EventInvokeConfig. "for up to 6 hours by default" (same page) */
const BY_DEFAULT = { retries: ASYNC_RETRIES_MS.length, maxAgeMs: 6 * HOUR_MS };
const SCHEDULED_EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

interface Mapping {
  queue: MemoryQueue;
  queueArn: string;
  called: SimulatedFunction;
  batchSize: number;
  concurrency: number;
  running: number;
  isEnabled: boolean;
}

export interface DeploymentOptions {
  /** How many real messages a simulated message represents. */
  weight?: number | undefined;
  /** The share of the full size, for the quota and for the outstanding rows. */
  rate?: number;
  /** Replaces the rate of the rule of release-rooms, whose 56 queries a minute would take most of the time of a long test. */
  releaseEveryMs?: number;
}

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

/** The clock of a process that has crashed. */
function stoppedClock({ nowMs }: Clock): Clock {
  return { nowMs, sleep: () => new Promise(() => undefined) };
}

/** All functions and queues of a template, in virtual time, with the metrics of AWS and of the functions, and the alarms on them. */
export async function openDeployment(
  deployed: Deployed,
  { weight = 1, rate = 1, releaseEveryMs }: DeploymentOptions = {},
) {
  const time = createVirtualClock(START_MS, { settle });
  const dataPoints = createDataPoints();
  const alarms = watchAlarms(deployed, dataPoints);
  const sqsMetrics = new Map<string, SqsMetrics>();
  const logs = createLogs(time.nowMs);
  const random = createRandom(1);
  const stopped = stoppedClock(time);
  const rules = await readQueueRules(deployed);
  const polled = new Set((await mappingsOf(deployed)).map(({ EventSourceArn }) => EventSourceArn.split(':').at(-1)));
  const services = await openServices(deployed, { nowMs: time.nowMs, onUndelivered, settingsOf });
  const invoke = createInvoker(time, createLambdaMetrics(dataPoints), logs);
  const functions = await readFunctions();
  const mappings = await readMappings();
  const invokeConfigs = await invokeConfigsOf(deployed);
  const disabledRules = new Set<string>();

  function onUndelivered(metrics: readonly SnsMetric[]): void {
    const dimensions = { TopicName: 'greenroom-prod-completions' };
    for (const name of metrics) dataPoints.add({ namespace: 'AWS/SNS', name, dimensions }, 1, time.nowMs());
  }

  function settingsOf(name: string): QueueSettings {
    const rule = must(rules.get(name));
    const metrics = createSqsMetrics({
      nowMs: time.nowMs,
      dataPoints,
      lastActionMs: polled.has(name) ? START_MS : START_MS - UNUSED_FOR_MS,
      weight,
    });
    sqsMetrics.set(name, metrics);
    const { deadLetters, ...settings } = rule;
    return { ...settings, watch: metrics, ...(deadLetters && { deadLetters: services.queueOf(deadLetters) }) };
  }

  async function readFunctions(): Promise<Map<string, SimulatedFunction>> {
    const found = new Map<string, SimulatedFunction>();
    for (const { FunctionName, Timeout, Environment } of await functionsOf(deployed)) {
      const coldStart = must(coldStarts[FunctionName.replace('greenroom-prod-', '')]);
      const environment = { AWS_REGION: REGION, ...Environment.Variables };
      const clients = services.clientsOf(services.permissions.accessKeyOf(FunctionName));
      const dying = services.dyingClientsOf(services.permissions.accessKeyOf(FunctionName));
      const platform = { clients, clock: time, random, log: logs.logOf(FunctionName) };
      found.set(FunctionName, {
        name: FunctionName,
        timeoutMs: Timeout * 1000,
        fate: 'works',
        crashesOn: () => false,
        warm: [],
        coldStart: () => coldStart(environment, platform, { rate }),
        coldStartToDie: () => coldStart(environment, { ...platform, clients: dying, clock: stopped }, { rate }),
      });
    }
    return found;
  }

  async function readMappings(): Promise<Mapping[]> {
    const read = await mappingsOf(deployed);
    return read.map(({ EventSourceArn, FunctionName, BatchSize, ScalingConfig }) => ({
      queue: services.queueOf(EventSourceArn),
      queueArn: EventSourceArn,
      called: must(functions.get(must(FunctionName.split(':').at(-1)))),
      // At full size, workers would request slots far more often in relation to the rate.
      batchSize: Math.ceil(BatchSize * rate),
      concurrency: Math.ceil(ScalingConfig.MaximumConcurrency * rate),
      running: 0,
      isEnabled: true,
    }));
  }

  /** Waits until all code waits for the clock. The SDK needs some turns of the event loop to pass a response to its caller. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 10; quiet = services.callsUnderWay() === 0 ? quiet + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  async function deliver(mapping: Mapping, messages: MemoryMessage[]): Promise<void> {
    mapping.running += 1;
    const records = messages.map((message) => toLambdaRecord(message, mapping.queueArn, senderOf(message)));
    const result = await invoke(mapping.called, { Records: records });
    mapping.running -= 1;
    // The messages of a failed invocation stay in flight until their visibility timeout.
    if (result) mapping.queue.finish(messages, result.payload as SQSBatchResponse);
  }

  /** @returns whether any message was received */
  function poll(): boolean {
    let hasReceived = false;
    for (const mapping of mappings) {
      if (!mapping.isEnabled || mapping.running >= mapping.concurrency) continue;
      if (mapping.queue.nextVisibleMs() > time.nowMs()) continue;
      const messages = mapping.queue.receive(mapping.batchSize);
      hasReceived = true;
      if (messages.length > 0) void deliver(mapping, messages);
    }
    return hasReceived;
  }

  /** Called at the end of each minute. Mappings poll continuously, even if a queue is empty. */
  function measure(): void {
    for (const { queue, isEnabled } of mappings) if (isEnabled) queue.take([]);
    for (const [name, metrics] of sqsMetrics)
      metrics.send({ name, counts: () => services.messaging.queue(name).counts() });
    alarms.evaluate(time.nowMs());
    time.after(MINUTE_MS, measure);
  }

  /** EventBridge invokes a function, and repeats a failed invocation. */
  async function invokeByRule(called: SimulatedFunction): Promise<void> {
    const { retries: maxRetries, maxAgeMs } = invokeConfigs.get(called.name) ?? BY_DEFAULT;
    const retries = ASYNC_RETRIES_MS.slice(0, maxRetries);
    const sentMs = time.nowMs();
    let throttleWaitMs = 1000;
    const never = new AbortController().signal;
    while (!(await invoke(called, SCHEDULED_EVENT))) {
      const isThrottled = called.fate === 'is throttled';
      const waitMs = isThrottled ? throttleWaitMs : retries.shift();
      if (waitMs === undefined || time.nowMs() + waitMs > sentMs + maxAgeMs) return;
      if (isThrottled) throttleWaitMs = Math.min(LONGEST_THROTTLE_WAIT_MS, throttleWaitMs * 2);
      await time.sleep(waitMs, never);
    }
  }

  function runRule({ functionName, everyMs }: ScheduledRule): void {
    time.after(everyMs, () => runRule({ functionName, everyMs }));
    if (!disabledRules.has(functionName)) void invokeByRule(must(functions.get(functionName)));
  }

  const restoreConsole = captureMetrics((line) => addEmbeddedMetrics(line, time.nowMs(), dataPoints));
  for (const { QueueName } of await queuesOf(deployed)) services.messaging.queue(QueueName);
  noteEarlierRuns(dataPoints);
  time.after(MINUTE_MS, measure);
  for (const rule of await rulesOf(deployed)) {
    const isReleaser = rule.functionName === 'greenroom-prod-release-rooms';
    runRule(isReleaser && releaseEveryMs !== undefined ? { ...rule, everyMs: releaseEveryMs } : rule);
  }

  return {
    time,
    services,
    dataPoints,
    alarms,
    logs,
    queue: (name: string) => services.messaging.queue(`greenroom-prod-${name}`),
    function: (name: string) => must(functions.get(`greenroom-prod-${name}`)),
    /** Stops or starts the event source of a queue. */
    setEnabled(queueName: string, isEnabled: boolean): void {
      const queue = services.messaging.queue(`greenroom-prod-${queueName}`);
      must(mappings.find((mapping) => mapping.queue === queue)).isEnabled = isEnabled;
    },
    /** Stops the rule that invokes a function. */
    disableRule: (functionName: string) => void disabledRules.add(`greenroom-prod-${functionName}`),
    /** Lets virtual time pass. */
    async run(forMs: number): Promise<void> {
      const endMs = time.nowMs() + forMs;
      for (;;) {
        await services.scheduler.fireDue();
        while (poll()) await settle();
        const free = mappings.filter(({ isEnabled, running, concurrency }) => isEnabled && running < concurrency);
        const visibleMs = free.map(({ queue }) => queue.nextVisibleMs());
        const nextMs = Math.min(
          time.nextMs(),
          services.scheduler.nextDueMs() ?? Number.POSITIVE_INFINITY,
          ...visibleMs,
        );
        if (nextMs > endMs) break;
        await time.run(Math.max(nextMs, time.nowMs()));
      }
      await time.run(endMs);
    },
    async close(): Promise<void> {
      restoreConsole();
      await services.close();
    },
  };
}

/** Adds the metrics of earlier sweeps, which ran every hour, and of earlier releases, which ran every minute. */
function noteEarlierRuns(dataPoints: DataPoints): void {
  const dimensions = { service: 'greenroom', stage: 'prod' };
  for (let minutes = 1; minutes <= 120; minutes++) {
    const metric = { namespace: 'greenroom', name: 'ReleaseOverdueSeconds', dimensions };
    dataPoints.add(metric, 0, START_MS - minutes * MINUTE_MS);
  }
  for (const name of ['ExtraRooms', 'SweepFailures'])
    for (let hours = 1; hours <= 6; hours++)
      dataPoints.add({ namespace: 'greenroom', name, dimensions }, 0, START_MS - hours * HOUR_MS);
}

/** The sender id of a message. Functions of greenroom send the requests of rosters, and another sender sends all others. */
function senderOf({ body }: MemoryMessage): string {
  const isMember = /"roster":/.test(body);
  return isMember ? `${roleIdOf('StartBulkJobRole')}:start-bulk-job` : 'AIDAUPSTREAMSYSTEM234';
}
