import type { Logger } from '@aws-lambda-powertools/logger';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import { noteFreed } from '../pace/freed-quota.ts';
import { createPaceTable } from '../pace/pace-table.ts';
import { createPacer, type Pacer } from '../pace/pacer.ts';
import { type AwsClients, createAwsClients } from '../platform/aws-clients.ts';
import type { Random } from '../platform/backoff.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { createLogger, type Log } from '../platform/log.ts';
import { openTables } from '../platform/tables.ts';
import { createReleaseMeter, type ReleaseMeter } from './release-meter.ts';

/** The services of the releases. They are built once, at cold start. */
export interface ReleaseServices {
  config: Config;
  clients: Pick<AwsClients, 'dynamodb' | 'ivsChat' | 'sns'>;
  ledger: Ledger;
  pacer: Pacer;
  /** Notes that a room of the region was released. If the region was closed because of its room quota, a request may then try it again. */
  noteFreed(region: string): Promise<boolean>;
  clock: Clock;
  random: Random;
  log: Log;
  meter: ReleaseMeter;
}

/** Creates the services of the deployed function from its environment. @throws Error with the names of the invalid variables */
export function releaseServicesFrom(
  environment: Record<string, string | undefined>,
): ReleaseServices & { log: Logger } {
  const config = readConfig(environment);
  const log = createLogger();
  return {
    ...createReleaseServices({
      config,
      clients: createAwsClients(config),
      clock: systemClock,
      random: Math.random,
      log,
      meter: createReleaseMeter(config),
    }),
    log,
  };
}

export function createReleaseServices(
  platform: Omit<ReleaseServices, 'ledger' | 'pacer' | 'noteFreed'>,
): ReleaseServices {
  const { config, clients, clock } = platform;
  const tables = openTables(clients.dynamodb, clock);
  const paceTable = createPaceTable(tables, config.paceTable);
  return {
    ...platform,
    ledger: createLedger(tables, config.ledgerTable),
    pacer: createPacer(paceTable, {
      callsPerSecond: config.callsPerSecond,
      probeScheduleSeconds: config.postponeScheduleSeconds,
    }),
    noteFreed: (region) => noteFreed(paceTable, region),
  };
}
