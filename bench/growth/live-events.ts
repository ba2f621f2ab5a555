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
 * An event waits for at most its lead time of 30 minutes, and then an hour after its start. It looks every 150 s or less often until its
 * turn is five minutes away, and then at ever shorter intervals, because it looks again halfway to its turn.
 */
const MOST_LOOKS = 46;

export interface WaitingEvents extends Looks {
  /** How often an event looks until its turn, on average. Undefined if it is not measured. */
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

/** How often each event of a programme looks until its turn. All events are due when they are received. @throws Error if a function fails */
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
    title: 'An event’s look at the events that wait before it, by the number of live events that wait together',
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
        figure: 'looks of an event until its turn',
        unit: 'number',
        values: values(({ looksUntilTurn }) => looksUntilTurn),
        bound: { atMost: MOST_LOOKS },
        boundColumns: [...measured.keys()].filter((column) => measured[column]?.looksUntilTurn !== undefined),
      },
    ],
    notes: [
      'The real code on the emulator’s DynamoDB. In the upper rows, all events start within one minute, and 100 of them look (or all, if there are fewer). A look ends as soon as the rooms that it has counted take five minutes to create, so it reads no more than a page of 300 events. That makes the total linear. Below this number, an event reads those that start earlier: half of them on average.',
      'The last row is a whole programme of events with five rooms each, which start 1.2 s apart and are all due when they are received. An event that waits longer looks more often. Its waiting time is limited by its lead time and an hour, and so is the number of its looks.',
    ],
  };
}
