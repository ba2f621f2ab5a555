import type { Logger } from '@aws-lambda-powertools/logger';
import { createPaceTable } from '../pace/pace-table.ts';
import { createPacer, type Pacer } from '../pace/pacer.ts';
import { type AwsClients, createAwsClients } from '../platform/aws-clients.ts';
import type { Random } from '../platform/backoff.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { readSweepConfig, type SweepConfig } from '../platform/config.ts';
import { createLogger, type Log } from '../platform/log.ts';
import { openTables, type Tables } from '../platform/tables.ts';
import { createSweepMeter, type SweepMeter } from './sweep-meter.ts';

/** The services of the sweep. They are built once, at cold start. */
export interface SweepServices {
  config: SweepConfig;
  clients: Pick<AwsClients, 'dynamodb' | 'ivsChat'>;
  tables: Tables;
  pacer: Pacer;
  clock: Clock;
  random: Random;
  log: Log;
  meter: SweepMeter;
}

/** Creates the services of the deployed sweep from its environment. @throws Error with the names of the invalid variables */
export function sweepServicesFrom(environment: Record<string, string | undefined>): SweepServices & { log: Logger } {
  const config = readSweepConfig(environment);
  const clients = createAwsClients(config);
  const tables = openTables(clients.dynamodb, systemClock);
  const pacer = createPacer(createPaceTable(tables, config.paceTable), {
    callsPerSecond: config.callsPerSecond,
    probeScheduleSeconds: config.postponeScheduleSeconds,
  });
  const log = createLogger();
  return {
    config,
    clients,
    tables,
    pacer,
    clock: systemClock,
    random: Math.random,
    log,
    meter: createSweepMeter(config),
  };
}
