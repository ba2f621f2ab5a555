import type { Logger } from '@aws-lambda-powertools/logger';
import { type AwsClients, createAwsClients } from '../platform/aws-clients.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { readSweepConfig, type SweepConfig } from '../platform/config.ts';
import { createLogger, type Log } from '../platform/log.ts';
import { createPaceTable } from '../provisioning/pace-item.ts';
import { createPacer, type Pacer } from '../provisioning/pacer.ts';

/** What the sweeper works with; built once, at cold start. */
export interface SweepServices {
  config: SweepConfig;
  clients: Pick<AwsClients, 'dynamodb' | 'ivsChat'>;
  pacer: Pacer;
  clock: Clock;
  log: Log;
}

/** The services of the sweeper as deployed: all from its environment. @throws Error naming what is wrong with it. */
export function sweepServicesFrom(environment: Record<string, string | undefined>): SweepServices & { log: Logger } {
  const config = readSweepConfig(environment);
  const clients = createAwsClients(config);
  const pacer = createPacer(createPaceTable(clients.dynamodb, config.paceTable), {
    callsPerSecond: config.callsPerSecond,
    probeScheduleSeconds: config.postponeScheduleSeconds,
  });
  return { config, clients, pacer, clock: systemClock, log: createLogger() };
}
