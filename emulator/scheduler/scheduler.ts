import type { Service, ServiceRequest } from '../service.ts';
import { createSchedule } from './actions/create-schedule.ts';
import { createScheduleGroup } from './actions/create-schedule-group.ts';
import { deleteSchedule } from './actions/delete-schedule.ts';
import { deleteScheduleGroup } from './actions/delete-schedule-group.ts';
import { getSchedule } from './actions/get-schedule.ts';
import { getScheduleGroup } from './actions/get-schedule-group.ts';
import { listSchedules } from './actions/list-schedules.ts';
import { updateSchedule } from './actions/update-schedule.ts';
import { deliverDue, nextAttemptMs, type SendToQueue } from './deliver-due.ts';
import { openScheduleStore } from './schedule-store.ts';
import type { SchedulerAction } from './scheduler-action.ts';
import { errorResponse, invalid, SchedulerError, successResponse } from './scheduler-error.ts';

/** The actions by method and path. `*` stands for a name. */
const actions = new Map(
  Object.entries<SchedulerAction>({
    'POST /schedules/*': createSchedule,
    'PUT /schedules/*': updateSchedule,
    'DELETE /schedules/*': deleteSchedule,
    'GET /schedules/*': getSchedule,
    'GET /schedules': listSchedules,
    'POST /schedule-groups/*': createScheduleGroup,
    'GET /schedule-groups/*': getScheduleGroup,
    'DELETE /schedule-groups/*': deleteScheduleGroup,
  }),
);

/**
 * "If you set your schedule to run at 1:00, it will invoke the target API between 1:00:00 and 1:00:59."
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
const MAX_LATENESS_MS = 59_999;

export interface SchedulerOptions {
  /** Epoch milliseconds. */
  now: () => number;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  accountId: string;
  /** Sends to targets and dead-letter queues. */
  send: SendToQueue;
  /** The longest delay with which a schedule fires. Default: the longest delay that the service documents */
  maximumLatenessMs?: number;
  /** The share of schedules that fire twice. Default: none */
  duplicateRate?: number;
  /** Where to keep schedules between runs. Default: in memory only */
  dataFile?: string;
}

export interface Scheduler extends Service {
  /** Fires all due schedules. The owner of the clock calls this. Overlapping calls run one after the other. */
  fireDue(): Promise<void>;
  /** When the next schedule is due, in epoch milliseconds, if there is one. */
  nextDueMs(): number | undefined;
}

/**
 * A small subset of EventBridge Scheduler: one-time schedules that send to a queue. It refuses input that it does not support. A schedule
 * fires at least once, up to a minute late. Schedules that became due while the emulator was down fire when the emulator runs again. It
 * uses the injected clock and no timers.
 *
 * @throws Error if the data file cannot be read
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { now, random, accountId, send, duplicateRate = 0, maximumLatenessMs = MAX_LATENESS_MS } = options;
  const lateMs = () => Math.floor(random() * (maximumLatenessMs + 1));
  const store = openScheduleStore(options.dataFile);
  let firing: Promise<void> = Promise.resolve();

  return {
    async handle(request) {
      try {
        const { action, name } = route(request);
        const context = { store, accountId, region: request.region, nowMs: now(), lateMs };
        return successResponse(action({ name, body: parseBody(request.body), query: request.query }, context));
      } catch (error) {
        if (error instanceof SchedulerError) return errorResponse(error);
        throw error;
      }
    },
    fireDue() {
      firing = firing
        .catch(() => undefined)
        .then(() => deliverDue(store, { nowMs: now(), send, duplicateRate, random }));
      return firing;
    },
    nextDueMs() {
      const waiting = store.schedules().filter(({ done, State }) => !done && State === 'ENABLED');
      const times = waiting.map(nextAttemptMs);
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
    },
    async close() {
      await firing.catch(() => undefined);
      store.close();
    },
  };
}

function route({ method, path }: ServiceRequest): { action: SchedulerAction; name: string } {
  const [, collection = '', name] = path.replace(/\/$/, '').split('/');
  const action = actions.get(`${method} /${collection}${name === undefined ? '' : '/*'}`);
  if (!action) throw new SchedulerError('UnknownOperationException', `No operation is bound to ${method} ${path}`);
  return { action, name: decode(name ?? '') };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw invalid('The path is not encoded');
  }
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('The body is not JSON');
  }
}
