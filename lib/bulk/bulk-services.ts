import type { Logger } from '@aws-lambda-powertools/logger';
import type { S3Client } from '@aws-sdk/client-s3';
import { createBaseClients } from '../platform/base-clients.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { createQueueMeter } from '../platform/queue-meter.ts';
import { type BulkConfig, readBulkConfig } from '../platform/roster-config.ts';
import { createS3Client } from '../platform/s3-client.ts';
import { createRosterServices, type RosterServices } from '../rosters/roster-services.ts';
import { createReaderItems, type ReaderItems } from './reader-item.ts';

/** The services that the reader of manifests needs. */
export interface BulkServices extends RosterServices {
  config: BulkConfig;
  clients: RosterServices['clients'] & { s3: S3Client };
  readers: ReaderItems;
}

/** Creates the services of the deployed reader from its environment. @throws Error with the names of the invalid variables */
export function bulkServicesFrom(environment: Record<string, string | undefined>): BulkServices & { log: Logger } {
  const log = createLogger();
  const config = readBulkConfig(environment);
  const clients = { ...createBaseClients(), s3: createS3Client() };
  const meter = createQueueMeter(config);
  const services = createRosterServices({ config, clients, clock: systemClock, random: Math.random, log, meter });
  const readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
  return { ...services, config, clients, log, readers };
}
