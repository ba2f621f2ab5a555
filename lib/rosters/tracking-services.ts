import type { Logger } from '@aws-lambda-powertools/logger';
import type { S3Client } from '@aws-sdk/client-s3';
import { createPaceTable, type PaceTable } from '../pace/pace-table.ts';
import { createBaseClients } from '../platform/base-clients.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { createQueueMeter } from '../platform/queue-meter.ts';
import { readTrackingConfig, type TrackingConfig } from '../platform/roster-config.ts';
import { createS3Client } from '../platform/s3-client.ts';
import { openTables } from '../platform/tables.ts';
import { createRosterServices, type RosterServices } from './roster-services.ts';

/** The services that the tracker needs, including the bucket for reports. */
export interface TrackingServices extends RosterServices {
  config: TrackingConfig;
  clients: RosterServices['clients'] & { s3: S3Client };
  /** Names the stopped jobs that have not ended. */
  pace: PaceTable;
}

/** Creates the services of the deployed tracker from its environment. @throws Error with the names of the invalid variables */
export function trackingServicesFrom(
  environment: Record<string, string | undefined>,
): TrackingServices & { log: Logger } {
  const log = createLogger();
  const config = readTrackingConfig(environment);
  const clients = { ...createBaseClients(), s3: createS3Client() };
  const meter = createQueueMeter(config);
  const platform = { clients, clock: systemClock, random: Math.random, log, meter };
  return { ...createTrackingServices({ ...platform, config }), log };
}

export function createTrackingServices(platform: Omit<TrackingServices, 'rosters' | 'pace'>): TrackingServices {
  const { clients, clock, config } = platform;
  const pace = createPaceTable(openTables(clients.dynamodb, clock), config.paceTable);
  return { ...createRosterServices(platform), ...platform, pace };
}
