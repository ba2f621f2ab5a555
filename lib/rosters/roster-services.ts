import type { Random } from '../platform/backoff.ts';
import type { BaseClients } from '../platform/base-clients.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { QueueMeter } from '../platform/queue-meter.ts';
import type { RosterConfig } from '../platform/roster-config.ts';
import type { RosterTable } from './roster-table.ts';

/** The services that bulk jobs and live events share. */
export interface RosterServices {
  config: RosterConfig;
  clients: BaseClients;
  rosters: RosterTable;
  clock: Clock;
  random: Random;
  log: Log;
  meter: QueueMeter;
}

export function createRosterServices(platform: Omit<RosterServices, 'rosters'>): RosterServices {
  const { config, clients } = platform;
  const rosters = {
    dynamodb: clients.dynamodb,
    tableName: config.rosterTable,
    retentionSeconds: config.rosterRetentionSeconds,
  };
  return { ...platform, rosters };
}
