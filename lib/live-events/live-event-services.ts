import type { Logger } from '@aws-lambda-powertools/logger';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { createBaseClients } from '../platform/base-clients.ts';
import { systemClock } from '../platform/clock.ts';
import { type LiveEventConfig, readLiveEventConfig } from '../platform/live-event-config.ts';
import { createLogger } from '../platform/log.ts';
import { createQueueMeter } from '../platform/queue-meter.ts';
import { timeLimits } from '../platform/time-limits.ts';
import { createRosterServices, type RosterServices } from '../rosters/roster-services.ts';

/** The services needed to handle live events. */
export interface LiveEventServices extends RosterServices {
  config: LiveEventConfig;
  clients: RosterServices['clients'] & { scheduler: SchedulerClient };
}

const SCHEDULER_TIMEOUT_MS = 5_000;

/** Creates the services of the deployed function from its environment. @throws Error with the names of the invalid variables */
export function liveEventServicesFrom(
  environment: Record<string, string | undefined>,
): LiveEventServices & { log: Logger } {
  const log = createLogger();
  const scheduler = new SchedulerClient({ requestHandler: timeLimits(SCHEDULER_TIMEOUT_MS) });
  const config = readLiveEventConfig(environment);
  const services = createLiveEventServices({
    config,
    clients: { ...createBaseClients(), scheduler },
    clock: systemClock,
    random: Math.random,
    log,
    meter: createQueueMeter(config),
  });
  return { ...services, log };
}

export function createLiveEventServices(platform: Omit<LiveEventServices, 'rosters'>): LiveEventServices {
  return { ...createRosterServices(platform), ...platform };
}
