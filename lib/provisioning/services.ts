import type { Logger } from '@aws-lambda-powertools/logger';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import type { ReleaseTimes } from '../ledger/wish-changes.ts';
import { type Breaker, createBreaker } from '../pace/breaker.ts';
import { createPaceTable } from '../pace/pace-table.ts';
import { createPacer, type Pacer } from '../pace/pacer.ts';
import { type AwsClients, createAwsClients } from '../platform/aws-clients.ts';
import type { Random } from '../platform/backoff.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { type Config, readConfig } from '../platform/config.ts';
import { createLogger, type Log } from '../platform/log.ts';
import { createMeter, type Meter } from '../platform/meter.ts';
import { openTables } from '../platform/tables.ts';

/** The services that provisioning needs, built once at cold start. */
export interface Services {
  config: Config;
  clients: AwsClients;
  ledger: Ledger;
  pacer: Pacer;
  breaker: Breaker;
  clock: Clock;
  random: Random;
  log: Log;
  meter: Meter;
}

/** Builds the services of a deployed function from its environment. @throws Error with the names of the invalid variables */
export function servicesFrom(environment: Record<string, string | undefined>): Services & { log: Logger } {
  const config = readConfig(environment);
  const log = createLogger();
  return {
    ...createServices({
      config,
      log,
      meter: createMeter(config),
      clients: createAwsClients(config),
      clock: systemClock,
      random: Math.random,
    }),
    log,
  };
}

export function createServices(
  platform: Pick<Services, 'config' | 'clients' | 'clock' | 'random' | 'log' | 'meter'>,
): Services {
  const { config, clients, meter } = platform;
  const tables = openTables(clients.dynamodb, platform.clock);
  const paceTable = createPaceTable(tables, config.paceTable);
  const probeScheduleSeconds = config.postponeScheduleSeconds;
  return {
    ...platform,
    ledger: createLedger(tables, config.ledgerTable),
    pacer: createPacer(paceTable, {
      callsPerSecond: config.callsPerSecond,
      probeScheduleSeconds,
      onPulledBack: meter.countPulledBack,
    }),
    breaker: createBreaker(paceTable, probeScheduleSeconds),
  };
}

/** The settings of the writes that store wishes, and the current time. */
export function releaseTimesOf({ clock, config }: Pick<Services, 'clock' | 'config'>): ReleaseTimes {
  return {
    nowMs: clock.nowMs(),
    clockErrorMs: config.timing.clockErrorMs,
    keyRetentionSeconds: config.keyRetentionSeconds,
  };
}
