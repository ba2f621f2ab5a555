import type { Scenario } from '../harness/scenario.ts';
import { backlogTable } from './backlog.ts';
import { ledgerTable } from './ledger.ts';
import { liveEventsTable } from './live-events.ts';
import { rosterTable } from './rosters.ts';

export const growth: Scenario = {
  name: 'growth',
  about: 'calls and units for each room, row and look, as the ledger, the backlog, the manifest and the programme grow',
  async run(context) {
    return [
      await ledgerTable(context),
      await backlogTable(context),
      await rosterTable(context),
      await liveEventsTable(context),
    ];
  },
};
