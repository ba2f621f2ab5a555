import type { ServiceRequest } from '../service.ts';
import type { Schedule } from './schedule.ts';
import type { ScheduleStore } from './schedule-store.ts';
import { SchedulerError } from './scheduler-error.ts';

/** The state and the services that an action uses. */
export interface SchedulerContext {
  store: ScheduleStore;
  accountId: string;
  region: string;
  nowMs: number;
  /** How late the next schedule fires. */
  lateMs(): number;
}

/** @param request `name` is the last part of the path, or empty if the path has no name; `body` is parsed JSON, or {} without a body */
export type SchedulerAction = (
  request: { name: string; body: unknown; query: ServiceRequest['query'] },
  context: SchedulerContext,
) => object;

/** @throws SchedulerError if there is no such schedule */
export function existing({ store }: SchedulerContext, group: string, name: string): Schedule {
  const schedule = store.get(group, name);
  if (!schedule) throw new SchedulerError('ResourceNotFoundException', `Schedule ${name} does not exist.`);
  return schedule;
}

/** @throws SchedulerError if there is no such group */
export function requireGroup({ store }: SchedulerContext, group: string): void {
  if (!store.groups().includes(group))
    throw new SchedulerError('ResourceNotFoundException', `Schedule group ${group} does not exist.`);
}

export function groupArn({ region, accountId }: SchedulerContext, group: string): string {
  return `arn:aws:scheduler:${region}:${accountId}:schedule-group/${group}`;
}
