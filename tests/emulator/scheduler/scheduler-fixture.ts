import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreateScheduleCommandInput, SchedulerClient } from '@aws-sdk/client-scheduler';
import { createScheduler, type Scheduler } from '../../../emulator/scheduler/scheduler.ts';
import { serveService } from '../../support/serve-service.ts';

export const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:live-events';
export const DEAD_LETTERS = 'arn:aws:sqs:eu-west-1:000000000000:scheduler-dead-letters';

/** The input of a live event's schedule, with some members replaced. */
export function scheduleInput(changes: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput {
  return {
    Name: 'final-open',
    ScheduleExpression: 'at(2026-12-18T19:30:00)',
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: { Arn: QUEUE, RoleArn: 'arn:aws:iam::000000000000:role/scheduler', Input: '{"due":true}' },
    ...changes,
  };
}

/** A time in UTC, in epoch milliseconds. */
export const at = (time: string): number => Date.parse(`${time}Z`);

/** A scheduler behind HTTP, with a clock that stands still until it is moved, and the SDK's own client for it. */
export async function openScheduler({ duplicateRate = 0, random = (): number => 0 } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-scheduler-'));
  const clock = { nowMs: at('2026-12-18T12:00:00') };
  const sent: { queueArn: string; body: string; attributes: Record<string, string> | undefined }[] = [];
  const refusing = new Set<string>();

  function start(): Scheduler {
    return createScheduler({
      now: () => clock.nowMs,
      random,
      accountId: '000000000000',
      duplicateRate,
      dataFile: join(directory, 'scheduler.ndjson'),
      async send(queueArn, body, attributes) {
        if (refusing.has(queueArn)) throw new Error('no such queue');
        sent.push({ queueArn, body, attributes });
      },
    });
  }

  let scheduler = start();
  const served = await serveService((request) => scheduler.handle(request));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SchedulerClient({ endpoint: served.url, region: 'eu-west-1', credentials, maxAttempts: 1 });

  return {
    client,
    sent,
    /** The queues that refuse every message. */
    refusing,
    /** Moves the clock, and fires the schedules that are due then. */
    async goTo(time: string): Promise<void> {
      clock.nowMs = at(time);
      await scheduler.fireDue();
    },
    /** Replaces the scheduler with one that knows only the data on disk. */
    async restart(): Promise<void> {
      await scheduler.close();
      scheduler = start();
    },
    async close(): Promise<void> {
      client.destroy();
      await served.close();
      await scheduler.close();
      rmSync(directory, { recursive: true });
    },
  };
}

export type SchedulerFixture = Awaited<ReturnType<typeof openScheduler>>;
