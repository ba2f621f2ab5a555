import type { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { readTrackingConfig, type TrackingConfig } from '../platform/roster-config.ts';
import { timeLimits } from '../platform/time-limits.ts';
import { createRosterClients, createRosterServices, type RosterServices } from './roster-services.ts';

/** What the tracker works with: besides, the bucket of the reports. */
export interface TrackingServices extends RosterServices {
  config: TrackingConfig;
  clients: RosterServices['clients'] & { s3: S3Client };
}

const S3_TIMEOUT_MS = 20_000;

/** The services of the tracker as deployed: all from its environment. @throws Error naming what is wrong with it. */
export function trackingServicesFrom(
  environment: Record<string, string | undefined>,
): TrackingServices & { log: Logger } {
  const log = createLogger();
  const config = readTrackingConfig(environment);
  const clients = { ...createRosterClients(), s3: new S3Client({ requestHandler: timeLimits(S3_TIMEOUT_MS) }) };
  const services = createRosterServices({ config, clients, clock: systemClock, random: Math.random, log });
  return { ...services, config, clients, log };
}
