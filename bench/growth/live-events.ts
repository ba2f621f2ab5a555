import type { ScenarioContext } from '../harness/scenario.ts';
import type { Table } from '../harness/table.ts';
import { runProgramme } from '../live-events/programme.ts';
import { programmes } from '../live-events/programmes.ts';
import { growthRows } from './growth-rows.ts';
import { countLooks, isLook, type Looks } from './waiting-events.ts';

const EVENTS = [10, 100, 1_000, 10_000];
const QUICK_EVENTS = [10, 100, 1_000];
/** A whole programme with more events takes hours. */
const MOST_EVENTS = 1_000;
const QUICK_MOST_EVENTS = 100;
/** A query reads a page of at most 300 events, and one page contains enough rooms for the longest estimate. */
const MOST_READ = 300;
/**
 * An event waits for at most its lead time of 30 minutes, and then for an hour after its start. Until its turn is five minutes away, the
 * looks are at least 150 s apart. Then the intervals become shorter, because each next look takes place halfway to the turn.
 */
const MOST_LOOKS = 46;

export interface WaitingEvents extends Looks {
  /** The average number of looks for one event until its turn. Undefined if it is not measured. */
  looksUntilTurn: number | undefined;
}

export async function liveEventsTable(context: ScenarioContext): Promise<Table> {
  const { isQuick = false, signal, progress } = context;
  const most = isQuick ? QUICK_MOST_EVENTS : MOST_EVENTS;
  const measured: WaitingEvents[] = [];
  for (const events of isQuick ? QUICK_EVENTS : EVENTS) {
    progress(`growth: ${events} waiting live events`);
    const looks = await countLooks(events, signal);
    measured.push({ ...looks, looksUntilTurn: events <= most ? await looksInProgramme(events) : undefined });
  }
  return tableOf(measured);
}

/** The average number of looks for an event until its turn. All events are due when they are received. @throws Error if a function fails */
async function looksInProgramme(events: number): Promise<number> {
  let looks = 0;
  const { errors } = await runProgramme(programmes(events).atOnce, (call) => {
    if (isLook(call)) looks += 1;
  });
  if (errors.length > 0) throw new Error(`${errors.length} errors were logged: ${JSON.stringify(errors[0])}`);
  return looks / events;
}

export function tableOf(measured: readonly WaitingEvents[]): Table {
  const values = (pick: (each: WaitingEvents) => number | undefined) => measured.map(pick);
  return {
    scenario: 'growth',
    title: 'Cost of one look at the events ahead in the queue, by the number of waiting live events',
    columns: measured.map(({ events }) => events.toLocaleString('en')),
    rows: [
      ...growthRows(
        'queries for a look',
        values(({ queries }) => queries),
      ),
      ...growthRows(
        'other calls for a look',
        values(({ otherCalls }) => otherCalls),
      ),
      {
        figure: 'items read by a look',
        unit: 'number',
        values: values(({ itemsRead }) => itemsRead),
        bound: { atMost: MOST_READ },
      },
      {
        figure: 'items read if every event looks once',
        unit: 'count',
        values: values(({ itemsRead, events }) => Math.round(itemsRead * events)),
      },
      {
        figure: 'looks for one event until its turn',
        unit: 'number',
        values: values(({ looksUntilTurn }) => looksUntilTurn),
        bound: { atMost: MOST_LOOKS },
        boundColumns: [...measured.keys()].filter((column) => measured[column]?.looksUntilTurn !== undefined),
      },
    ],
    notes: [
      'The real code on the emulator’s DynamoDB. In all rows except the last, all events start within one minute. The benchmark performs a look for 100 of them (or for all, if there are fewer). A look ends as soon as the rooms that it has counted would take five minutes to create, so it reads no more than a page of 300 events. That makes the total linear. With fewer events, a look reads those that start earlier, which are half of them on average.',
      'The last row is a whole programme of events with five rooms each, which start 1.2 s apart and are all due when they are received. The longer an event waits, the more looks are made for it. It waits for at most its lead time plus an hour, which also limits the number of looks.',
    ],
  };
}
