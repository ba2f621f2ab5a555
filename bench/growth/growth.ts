import type { Scenario } from '../harness/scenario.ts';
import { backlogTable } from './backlog.ts';
import { ledgerTable } from './ledger.ts';
import { liveEventsTable } from './live-events.ts';
import { rosterTable } from './rosters.ts';

export const growth: Scenario = {
  name: 'growth',
  about: 'calls and units for each room, row and event, with a larger ledger, backlog, manifest and programme',
  async run(context) {
    return [
      await ledgerTable(context),
      await backlogTable(context),
      await rosterTable(context),
      await liveEventsTable(context),
    ];
  },
};
