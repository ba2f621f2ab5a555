import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { createScheduler } from '../../emulator/scheduler/scheduler.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { type RosterEvent, rosterEventSchema } from '../../lib/contract/roster-event.ts';
import { createLiveEventServices } from '../../lib/live-events/live-event-services.ts';
import { type RearmSummary, rearmEvents } from '../../lib/live-events/rearm-events.ts';
import { scheduleLiveEvents } from '../../lib/live-events/schedule-live-events.ts';
import { readLiveEventConfig } from '../../lib/platform/live-event-config.ts';
import { readTrackingConfig } from '../../lib/platform/roster-config.ts';
import { trackRosters } from '../../lib/rosters/track-rosters.ts';
import { createTrackingServices } from '../../lib/rosters/tracking-services.ts';
import { toLambdaRecord } from '../../simulation/lambda-record.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { silentQueueMeter } from '../../simulation/silent-meter.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { lambdaContext } from '../simulation/lambda-context.ts';
import { createTables, ENVIRONMENT, QUEUE_ARN } from './deployed.ts';
import { inProcess } from './in-process-client.ts';
import { createInterruptions } from './interruptions.ts';
import { logTo } from './log-to.ts';
import type { WorldSettings } from './world-settings.ts';

const FUNCTION_TIMEOUT_MS = 60_000;
const BATCH = 10;
/** The longest delay of the embedded stack's scheduler. */
const MOST_LATE_MS = 60_000;

export interface PublishedEvent {
  event: RosterEvent;
  atMs: number;
  /** Its position in the order of all events of this world. */
  order: number;
}

/** Whether a call fails without a response. `body` is the body of the request. */
export type Outage = (call: { service: string; action: string; body: string }) => boolean;

export type LiveEventsWorld = Awaited<ReturnType<typeof openLiveEventsWorld>>;

/**
 * Runs the real handlers of schedule-live-events and track-rosters on a clock that the test moves. The emulators of DynamoDB and EventBridge
 * Scheduler come from the embedded stack. The queues and the topic are in memory.
 */
export async function openLiveEventsWorld(
  startMs: number,
  {
    visibilityTimeoutMs = 360_000,
    environment = {},
    scheduleLateMs = () => MOST_LATE_MS / 2,
    rearmEveryMs = Number.POSITIVE_INFINITY,
    indexLagMs,
  }: WorldSettings = {},
) {
  const settings = { ...ENVIRONMENT, ...environment };
  let isDown = false;
  let outage: Outage = () => false;
  let order = 0;
  let callsInFlight = 0;
  const published: PublishedEvent[] = [];
  const errors: unknown[] = [];
  const infos: unknown[][] = [];
  const overdueReminders: number[] = [];
  const rearmings: RearmSummary[] = [];
  let nextRearmMs = startMs + rearmEveryMs;
  const interruptions = createInterruptions();
  let work: () => Promise<boolean> = async () => false;
  const time = createVirtualClock(startMs, { settle });
  // Invocations take no time here.
  const clock = createLoneClock(time, { longestMs: 5_000, movesTime: false });
  const messaging = createMemoryMessaging(clock.nowMs, () => ({ visibilityTimeoutMs }));
  const { queue } = messaging;
  const dynamodb = await openDynamoDb(undefined, clock.nowMs, indexLagMs);
  const scheduler = createScheduler({
    now: clock.nowMs,
    random: () => scheduleLateMs() / MOST_LATE_MS,
    accountId: '000000000000',
    send: async (queueArn, body) => void queue(queueArn.split(':').at(-1) ?? '').send(body),
  });
  const clients = {
    dynamodb: new DynamoDBClient(client('dynamodb', dynamodb.handle)),
    scheduler: new SchedulerClient(client('scheduler', scheduler.handle)),
    sqs: new SQSClient(client('sqs', async (request) => messaging.sqs(request))),
    sns: new SNSClient(client('sns', async (request) => publish(request))),
    s3: new S3Client(client('s3', () => Promise.reject(new Error('Live events need no bucket')))),
  };
  await createTables(clients.dynamodb);

  const random = () => 0.5;
  const platform = { clients, clock, random, log: logTo(errors, infos), meter: silentQueueMeter };
  const noteOverdueReminders = (events: number) => void overdueReminders.push(events);
  const meter = { ...silentQueueMeter, noteOverdueReminders };
  const liveEvents = createLiveEventServices({ ...platform, meter, config: readLiveEventConfig(settings) });
  const tracking = createTrackingServices({ ...platform, config: readTrackingConfig(settings) });
  const handlers: Record<string, (event: object, context: Context) => Promise<SQSBatchResponse>> = {
    'live-events': (event, context) => scheduleLiveEvents(event, context, liveEvents),
    'live-events-dead-letters': (event, context) => scheduleLiveEvents(event, context, liveEvents),
    rosters: (event, context) => trackRosters(event, context, tracking),
  };

  function client(service: string, handle: (request: ServiceRequest) => Promise<ServiceResponse>) {
    return inProcess(async (request) => {
      const action = request.headers['x-amz-target']?.split('.').at(-1) ?? request.method;
      if (outage({ service, action, body: request.body.toString('utf8') }))
        throw Object.assign(new Error(`connect ECONNREFUSED ${service}`), { code: 'ECONNREFUSED' });
      return handle(request);
    }, intercept) as object;
  }

  /** Resolves when all code waits for the clock again. The SDK needs several turns of the event loop to pass a response to its caller. */
  async function settle(): Promise<void> {
    for (let quietRounds = 0; quietRounds < 10; quietRounds = callsInFlight === 0 ? quietRounds + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends a call, and counts it as in flight until its response. If a crash of its worker prevents the call, it does not count. */
  function intercept(call: string, send: () => Promise<ServiceResponse>): Promise<ServiceResponse> {
    return interruptions.intercept(call, async () => {
      callsInFlight += 1;
      try {
        return await send();
      } finally {
        callsInFlight -= 1;
      }
    });
  }

  function publish(request: ServiceRequest): ServiceResponse {
    const response = messaging.sns(request);
    const event = rosterEventSchema.parse(JSON.parse(messaging.published.at(-1)?.body ?? ''));
    published.push({ event, atMs: time.nowMs(), order: order++ });
    return response;
  }

  const newContext = () => lambdaContext(time.nowMs() + FUNCTION_TIMEOUT_MS, time.nowMs);

  /** Passes one batch of a queue to its handler. @returns the calls that the handler made */
  async function deliver(queueName: string, messages: MemoryMessage[]): Promise<string[]> {
    const event = { Records: messages.map((message) => toLambdaRecord(message, QUEUE_ARN + queueName)) };
    const handle = async () => handlers[queueName]?.(event, newContext());
    const { calls, result } = await interruptions.run(queueName === 'live-events', handle);
    if (result) queue(queueName).finish(messages, result);
    return calls;
  }

  /** Restores missing reminders, as schedule-live-events does on its schedule. @returns undefined if that failed */
  async function rearm(): Promise<RearmSummary | undefined> {
    const { result } = await interruptions.run(true, () =>
      rearmEvents(newContext(), liveEvents).catch(() => undefined),
    );
    if (result) rearmings.push(result);
    return result;
  }

  async function rearmIfDue(): Promise<void> {
    if (time.nowMs() < nextRearmMs) return;
    nextRearmMs += rearmEveryMs;
    await rearm();
  }

  async function deliverVisible(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      hasMore = false;
      for (const queueName of ['live-events', 'rosters']) {
        const messages = queue(queueName).receive(queueName === 'rosters' ? 100 : BATCH);
        if (messages.length === 0) continue;
        hasMore = true;
        await deliver(queueName, messages);
      }
    }
  }

  /** When the next message, schedule, run or timer is due. */
  function nextMs(): number {
    const visible = isDown ? [] : ['live-events', 'rosters'].map((name) => queue(name).nextVisibleMs());
    const due = (!isDown && scheduler.nextDueMs()) || Number.POSITIVE_INFINITY;
    const rearmMs = isDown ? Number.POSITIVE_INFINITY : nextRearmMs;
    return Math.max(time.nowMs(), Math.min(due, rearmMs, ...visible, time.nextMs()));
  }

  return {
    clock,
    queue,
    scheduler,
    clients,
    liveEvents,
    published,
    /** The errors that the functions have logged. */
    errors,
    /** The info lines of their logs: message and fields. */
    infos,
    /** The metric OverdueReminders, a value for each run. */
    overdueReminders,
    /** The results of the runs that restore reminders. */
    rearmings,
    deliver,
    rearm,
    /** The next position in the order of all events. */
    nextOrder: () => order++,
    /** Crashes or pauses the next batches of live events. */
    interruptions,
    /** While the world is down, no message is delivered and no schedule fires. */
    setDown(down: boolean): void {
      isDown = down;
    },
    /** Makes these calls fail until another outage is set. */
    setOutage(fails: Outage): void {
      outage = fails;
    },
    /** Sets a function that runs after each step of the world. It is repeated until it returns false because it had nothing to do. */
    setWork(run: () => Promise<boolean>): void {
      work = run;
    },
    /** The clock for code that runs in addition to the handlers. Unlike the handlers, such code really waits. */
    time,
    /** Runs everything that happens up to a given time. */
    async runUntil(endMs: number): Promise<void> {
      for (let next = nextMs(); next <= endMs; next = nextMs()) {
        await time.run(next);
        if (isDown) continue;
        await scheduler.fireDue();
        await rearmIfDue();
        await deliverVisible();
        while (await work()) await deliverVisible();
        await settle();
      }
      await time.run(endMs);
    },
    async scheduleNames(): Promise<string[]> {
      const { Schedules = [] } = await clients.scheduler.send(new ListSchedulesCommand({}));
      return Schedules.map(({ Name = '' }) => Name);
    },
    async close(): Promise<void> {
      await scheduler.close();
      await dynamodb.close();
    },
  };
}
