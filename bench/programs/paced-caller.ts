/**
 * A small program that calls CreateRoom through the paced client: the pacer on the deployment's table, the SDK's client and a
 * clock. The benchmark `processes` runs twenty of them. The program reports that it is ready, begins when it gets its task, reports the
 * results of its calls, and ends.
 */
import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import * as z from 'zod';
import { createPaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer } from '../../lib/pace/pacer.ts';
import { createSlotLines, type SlotLines } from '../../lib/pace/slot-lines.ts';
import { createAwsClients } from '../../lib/platform/aws-clients.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';

const taskSchema = z.object({ name: z.string(), calls: z.int(), paceTable: z.string(), region: z.string() });

const CALLS_PER_SECOND = 5;
const PATIENCE_MS = 600_000;

const clients = createAwsClients({ callTimeoutMs: 5_000 });

process.once('message', async (message) => {
  process.send?.(await callAll(taskSchema.parse(message)));
  process.disconnect();
});
process.once('disconnect', () => process.exit());
// Ctrl-C in a terminal sends SIGINT to all of its processes. This one ignores the signal, because the benchmark ends it.
process.on('SIGINT', () => undefined);
process.send?.({ kind: 'ready' });

async function callAll({ name, calls, paceTable, region }: z.infer<typeof taskSchema>) {
  const pace = openPace(paceTable);
  const client = clients.ivsChat(region);
  const counts = { made: 0, refused: 0 };
  for (let call = 0; call < calls; call++) {
    const key = `${name}-${call}`;
    await waitForSlot(pace, region, key);
    const made = await client.send(new CreateRoomCommand({ name: key })).then(
      () => true,
      () => false,
    );
    counts[made ? 'made' : 'refused'] += 1;
  }
  return { kind: 'done', ...counts };
}

/** Waits for a slot. If the process wakes too late for its slot, it takes another one. */
async function waitForSlot({ lines, pacer }: Pace, region: string, ledgerKey: string): Promise<void> {
  for (;;) {
    const turn = await lines.take({ region, api: 'CreateRoom', lane: 'bulk', ledgerKey });
    if (turn.kind !== 'slot') throw new Error(`No slot: ${turn.kind}`);
    if (pacer.isPunctual(turn, 'sending')) return;
  }
}

interface Pace {
  pacer: Pacer;
  lines: SlotLines;
}

function openPace(paceTable: string): Pace {
  const table = createPaceTable(openTables(clients.dynamodb, systemClock), paceTable);
  const pacer = createPacer(table, { callsPerSecond: CALLS_PER_SECOND, probeScheduleSeconds: [60] });
  const lastSendMs = systemClock.nowMs() + PATIENCE_MS;
  const { signal } = new AbortController();
  return { pacer, lines: createSlotLines({ pacer, clock: systemClock, random: Math.random, lastSendMs, signal }) };
}
