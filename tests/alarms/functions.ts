import type { Context } from 'aws-lambda';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { startBulkJobs } from '../../lib/bulk/start-bulk-jobs.ts';
import { createLiveEventServices } from '../../lib/live-events/live-event-services.ts';
import { rearmEvents } from '../../lib/live-events/rearm-events.ts';
import { scheduleLiveEvents } from '../../lib/live-events/schedule-live-events.ts';
import { createPaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer } from '../../lib/pace/pacer.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { readConfig, readSweepConfig } from '../../lib/platform/config.ts';
import { readLiveEventConfig } from '../../lib/platform/live-event-config.ts';
import type { Log } from '../../lib/platform/log.ts';
import { createMeter } from '../../lib/platform/meter.ts';
import { createQueueMeter } from '../../lib/platform/queue-meter.ts';
import { readBulkConfig, readTrackingConfig } from '../../lib/platform/roster-config.ts';
import { isScheduledEvent } from '../../lib/platform/scheduled-event.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices } from '../../lib/provisioning/services.ts';
import { createReleaseMeter } from '../../lib/releasing/release-meter.ts';
import { releaseRooms } from '../../lib/releasing/release-rooms.ts';
import { createReleaseServices } from '../../lib/releasing/release-services.ts';
import { createRosterServices } from '../../lib/rosters/roster-services.ts';
import { trackRosters } from '../../lib/rosters/track-rosters.ts';
import { createTrackingServices } from '../../lib/rosters/tracking-services.ts';
import { createSweepMeter } from '../../lib/sweeping/sweep-meter.ts';
import { sweepRooms } from '../../lib/sweeping/sweep-rooms.ts';
import type { openServices } from './services.ts';

export type Handler = (event: unknown, context: Context) => Promise<unknown>;
export type Clients = Awaited<ReturnType<typeof openServices>>['clients'];
type Environment = Record<string, string>;

export interface Platform {
  clients: Clients;
  clock: Clock;
  random: () => number;
  log: Log;
}

/** The share of the full size, for the quota and for the outstanding rows. */
export interface Scale {
  rate: number;
}

/** Creates the handler of a function with its own services, as a cold start does. */
export type ColdStart = (environment: Environment, platform: Platform, scale: Scale) => Handler;

function scaled<Config extends { callsPerSecond: number }>(config: Config, { rate }: Scale): Config {
  return { ...config, callsPerSecond: config.callsPerSecond * rate };
}

const answering =
  (deadLetters: boolean): ColdStart =>
  (environment, platform, scale) => {
    const config = scaled(readConfig(environment), scale);
    const services = createServices({ ...platform, config, meter: createMeter(config) });
    return (event, context) => processBatch(event, context, services, { deadLetters });
  };

/** By the names of the files in `functions`. */
export const coldStarts: Record<string, ColdStart> = {
  'provision-rooms': answering(false),
  'announce-dead-letters': answering(true),

  'start-bulk-job': (environment, platform, scale) => {
    const full = scaled(readBulkConfig(environment), scale);
    const config = { ...full, outstandingRowsPerRegion: Math.ceil(full.outstandingRowsPerRegion * scale.rate) };
    const { clients } = platform;
    const rosters = createRosterServices({ ...platform, config, meter: createQueueMeter(config) });
    const readers = createReaderItems(clients.dynamodb, config.rosterTable, config.rosterRetentionSeconds);
    return (event, context) => startBulkJobs(event, context, { ...rosters, config, clients, readers });
  },

  'track-rosters': (environment, platform) => {
    const config = readTrackingConfig(environment);
    const tracking = createTrackingServices({ ...platform, config, meter: createQueueMeter(config) });
    return (event, context) => trackRosters(event, context, tracking);
  },

  'schedule-live-events': (environment, platform, scale) => {
    const config = scaled(readLiveEventConfig(environment), scale);
    const services = createLiveEventServices({ ...platform, config, meter: createQueueMeter(config) });
    return async (event, context) =>
      isScheduledEvent(event) ? rearmEvents(context, services) : scheduleLiveEvents(event, context, services);
  },

  'release-rooms': (environment, platform, scale) => {
    const config = scaled(readConfig(environment), scale);
    const services = createReleaseServices({ ...platform, config, meter: createReleaseMeter(config) });
    return (_event, context) => releaseRooms(context, services);
  },

  'sweep-rooms': (environment, { clients, clock, random, log }, scale) => {
    const config = scaled(readSweepConfig(environment), scale);
    const tables = openTables(clients.dynamodb, clock);
    const { callsPerSecond, postponeScheduleSeconds: probeScheduleSeconds } = config;
    const pacer = createPacer(createPaceTable(tables, config.paceTable), { callsPerSecond, probeScheduleSeconds });
    const services = { config, clients, tables, pacer, clock, random, log, meter: createSweepMeter(config) };
    return (_event, context) => sweepRooms(context, services);
  },
};
