import { client } from './client/client.ts';
import { cli } from './commands/cli.ts';
import { costs } from './costs/costs.ts';
import { floor } from './floor/floor.ts';
import { growth } from './growth/growth.ts';
import type { Scenario } from './harness/scenario.ts';
import { cold } from './pace/cold.ts';
import { cookbook } from './pace/cookbook.ts';
import { foreign } from './pace/foreign.ts';
import { lanes } from './pace/lanes.ts';
import { processes } from './pace/processes.ts';
import { regions } from './pace/regions.ts';
import { simulation } from './pace/simulation.ts';
import { tenTimes } from './pace/ten-times.ts';
import { tenants } from './pace/tenants.ts';
import { workers } from './pace/workers.ts';
import { due } from './releases/due.ts';
import { season } from './releases/season.ts';

/** The scenarios, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  workers,
  cold,
  processes,
  tenTimes,
  lanes,
  regions,
  tenants,
  cookbook,
  foreign,
  simulation,
  costs,
  season,
  due,
  floor,
  client,
  cli,
  growth,
];
