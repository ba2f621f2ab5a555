import type { Deployment } from '../../../client/deployment.ts';
import { openParkedQueueUnderTest } from '../../cli/stack/parked-queue.ts';
import { clientOf } from '../programme.ts';

const HOUR_MS = 3_600_000;

/** Sends the data that the pictures show: single requests, an import with rows that fail, live events, and a message for a person. */
export async function sendSamples(deployment: Deployment): Promise<void> {
  const greenroom = clientOf({ deployment });
  const nowMs = Date.now();
  await greenroom.importRooms({ content: manifest(), name: 'season-2026.csv' });
  await greenroom.requestRooms(
    ['main-chat', 'fans-home', 'fans-away', 'studio'].map((name) => ({
      idempotencyKey: `final-2026/${name}`,
      room: { name, tags: { event: 'final-2026' } },
    })),
  );
  for (const [id, hours, rooms] of EVENTS)
    await greenroom.schedule({
      liveEventId: id,
      revision: 1,
      startsAt: new Date(nowMs + hours * HOUR_MS).toISOString(),
      endsAt: new Date(nowMs + (hours + 2) * HOUR_MS).toISOString(),
      leadTime: 'PT30M',
      rooms: Array.from({ length: rooms }, (_, index) => ({ key: `room-${index + 1}`, room: {} })),
    });
  await (await openParkedQueueUnderTest(deployment)).park(
    '{"idempotencyKey": "final-2026/encore", "room": {"name": "encore"',
  );
}

const EVENTS: [id: string, startsInHours: number, rooms: number][] = [
  ['warm-up-show', 0.3, 6],
  ['final-2026', 1, 12],
  ['press-conference', 3, 2],
  ['night-talk', 4, 4],
];

/** A manifest with 600 rows for three regions, and a few rows that IVS Chat or greenroom refuses. */
function manifest(): string {
  const regions = ['eu-west-1', 'us-east-1', 'ap-south-1'];
  const rows = Array.from({ length: 600 }, (_, index) => `match-${index + 1},${regions[index % 3]}`);
  return ['name,region', ...rows, 'not a name,eu-west-1', 'match-601,eu-west-9'].join('\n');
}
