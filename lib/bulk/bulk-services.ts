import type { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { type BulkConfig, readBulkConfig } from '../platform/roster-config.ts';
import { timeLimits } from '../platform/time-limits.ts';
import { createRosterClients, createRosterServices, type RosterServices } from '../rosters/roster-services.ts';
import { createReaderItems, type ReaderItems } from './reader-item.ts';

/** What the reader of manifests works with. */
export interface BulkServices extends RosterServices {
  config: BulkConfig;
  clients: RosterServices['clients'] & { s3: S3Client };
  readers: ReaderItems;
}

const S3_TIMEOUT_MS = 20_000;

/** The services of the reader as deployed: all from its environment. @throws Error naming what is wrong with it. */
export function bulkServicesFrom(environment: Record<string, string | undefined>): BulkServices & { log: Logger } {
  const log = createLogger();
  const config = readBulkConfig(environment);
  const clients = { ...createRosterClients(), s3: new S3Client({ requestHandler: timeLimits(S3_TIMEOUT_MS) }) };
  const services = createRosterServices({ config, clients, clock: systemClock, random: Math.random, log });
  const readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
  return { ...services, config, clients, log, readers };
}
