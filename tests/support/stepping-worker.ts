import { createPaceTable } from '../../lib/pace/pace-table.ts';
import type { Log } from '../../lib/platform/log.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices, type Services } from '../../lib/provisioning/services.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { contextUntil } from './lambda-context.ts';
import { type Call, createMemoryServices, REGION } from './memory-services.ts';

export const START_MS = Date.UTC(2026, 0, 1);

/**
 * Workers that handle batches on services in memory. The clock steps from one wait to the next, so concurrent waits overlap as in
 * production.
 */
export function createSteppingWorkers() {
  const clock = createVirtualClock(START_MS);
  const calls: Call[] = [];
  let delayMs = (_call: Call) => 0;
  const { clients, dynamodb, ivsChat, messaging } = createMemoryServices(
    clock.nowMs,
    async (call) => {
      calls.push(call);
      const ms = delayMs(call);
      if (ms > 0) await clock.sleep(ms, new AbortController().signal);
    },
    {},
  );
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent } as unknown as Log;
  let messages = 0;

  return {
    clock,
    calls,
    ivsChat: ivsChat.admin,
    items: dynamodb.items,
    completions: () => messaging.published.map(({ body }) => JSON.parse(body)),
    newPaceTable: () => createPaceTable(openTables(clients.dynamodb, clock), config.paceTable),
    newWorker: () => createServices({ config, clients, clock, random: () => 0.5, log, meter: silentMeter }),

    /** Sets how long calls take before they take effect. */
    delay(ms: (call: Call) => number): void {
      delayMs = ms;
    },

    /** The calls of an operation, with their times in milliseconds since the start. */
    callsOf: (name: string) =>
      calls.filter((call) => call.name === name).map((call) => ({ ...call, atMs: Math.round(call.atMs - START_MS) })),

    /** A message as Lambda delivers it. */
    record(body: object, lane: 'interactive' | 'bulk' = 'interactive', sentMs = clock.nowMs()) {
      messages += 1;
      return {
        messageId: `m${messages}`,
        receiptHandle: `r${messages}`,
        body: JSON.stringify(body),
        messageAttributes: {},
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(sentMs) },
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:${lane}`,
        awsRegion: REGION,
      };
    },

    /** Handles one batch in an invocation that has a minute from now on. */
    async handle(records: object[], worker: Services) {
      const deadlineMs = clock.nowMs() + 60_000;
      const context = { ...contextUntil(deadlineMs), getRemainingTimeInMillis: () => deadlineMs - clock.nowMs() };
      const result = processBatch({ Records: records }, context, worker);
      await clock.run(deadlineMs);
      return result;
    },
  };
}
