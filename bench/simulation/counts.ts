import type { ImportResult } from './task.ts';

/** The billed operations and the events of a simulated run. */
export type Counts = Omit<ImportResult, 'seconds' | 'othersSeconds' | 'importedMeanwhile'>;

export function createCounts(): Counts {
  return {
    invocations: 0,
    billedMs: 0,
    ledgerWrites: 0,
    paceWrites: 0,
    refusedWrites: 0,
    ledgerUnits: 0,
    writeUnits: 0,
    sqsRequests: 0,
    snsPublishes: 0,
    createRoomCalls: 0,
    throttled: 0,
    postponed: 0,
    rooms: 0,
  };
}
