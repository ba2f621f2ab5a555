import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { completionAttributes } from '../../lib/contract/completion.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import { createPaceTable } from '../../lib/provisioning/pace-item.ts';
import { createPacer, type Pacer } from '../../lib/provisioning/pacer.ts';
import { createRandom } from '../../local/random.ts';
import { type LiveEventsWorld, openLiveEventsWorld } from '../support/live-events-world.ts';
import { madeRoom } from '../support/rosters.ts';

export interface Programme {
  events: number;
  roomsEach: number;
  /** Between the first start and the last. */
  spreadMs: number;
  /** How long before the first start all of it is heard of. */
  heardBeforeMs: number;
  leadTime: string;
  atRiskTime: string;
  /** Calls a second that we count on; far too many: nobody waits for a turn. */
  quota: number;
  /** What the rest of the world leaves us of it. */
  callsPerSecond: number;
}

export interface EventResult {
  startsAtMs: number;
  /** When its last room stood. */
  readyAtMs: number;
  /** When it was first announced to be at risk. */
  atRiskAtMs: number | undefined;
}

export interface ProgrammeResult {
  events: EventResult[];
  rooms: number;
  /** The most by which the start of a room's event lies before that of one whose room stood earlier. */
  worstInversionMs: number;
  /** From the first room to the last. */
  madeInMs: number;
  errors: unknown[];
}

const START_MS = Date.parse('2026-12-18T12:00:00Z');
/** Ten invocations of provision-rooms at a time, of ten messages each. */
const MAX_IN_FLIGHT = 100;
/** What is left of a function's minute when it must begin its last call. */
const LATEST_SLOT_MS = 47_000;
const CALL_MS = 250;

/** Runs a programme through the real handlers and the real pacer; what stands in for provision-rooms does nothing but call. */
export async function runProgramme(programme: Programme): Promise<ProgrammeResult> {
  const firstStartMs = START_MS + programme.heardBeforeMs;
  const starts = Array.from({ length: programme.events }, (_, index) =>
    Math.round(firstStartMs + (index * programme.spreadMs) / programme.events),
  );
  const environment = { GREENROOM_CREATE_ROOM_TPS: String(programme.quota) };
  const world = await openLiveEventsWorld(START_MS, { environment });
  try {
    const stood = await openPacedWorkshop(world, programme.callsPerSecond);
    const random = createRandom(1);
    for (const index of starts.map((_, each) => each).toSorted(() => random() - 0.5))
      world.queues.send('live-events', JSON.stringify(eventOf(index, starts[index] ?? 0, programme)));
    await world.runUntil(firstStartMs + programme.spreadMs + 3_600_000);
    return judge(starts, stood, world);
  } finally {
    await world.close();
  }
}

function eventOf(index: number, startsAtMs: number, { roomsEach, leadTime, atRiskTime }: Programme) {
  return {
    liveEventId: `event-${index}`,
    revision: 1,
    startsAt: new Date(startsAtMs).toISOString(),
    leadTime,
    atRiskTime,
    rooms: Array.from({ length: roomsEach }, (_, room) => ({ key: `room-${room}`, room: {} })),
  };
}

interface Standing {
  index: number;
  atMs: number;
}

/** Up to a hundred requests at a time wait for their slots, as they happen to come out of the queue. */
async function openPacedWorkshop(world: LiveEventsWorld, callsPerSecond: number): Promise<Standing[]> {
  const stood: Standing[] = [];
  const random = createRandom(2);
  const pacer = await openPacer(world, callsPerSecond);
  let inFlight = 0;

  async function begin({ id, body }: { id: string; body: string }): Promise<void> {
    const { idempotencyKey, roster = '' } = roomRequestSchema.parse(JSON.parse(body));
    const nowMs = world.clock.nowMs();
    const slot = await reserve(pacer, idempotencyKey, nowMs);
    if (slot.kind === 'full') {
      world.queues.postpone('interactive', id, slot.freeAtMs + random() * 2_000);
      return;
    }
    inFlight += 1;
    world.at(slot.atMs + CALL_MS, async () => {
      inFlight -= 1;
      stood.push({ index: Number(/event-(\d+)/.exec(idempotencyKey)?.[1]), atMs: world.clock.nowMs() });
      const completion = madeRoom(idempotencyKey, { decidedAtMs: world.clock.nowMs() });
      const attributes = completionAttributes(completion, { lane: 'interactive', roster });
      world.queues.send('rosters', JSON.stringify(completion), attributes);
      world.queues.remove('interactive', new Set([id]));
    });
  }

  world.setWork(async () => {
    const messages = world.queues.receiveAny('interactive', Math.min(10, MAX_IN_FLIGHT - inFlight), random);
    for (const message of messages) await begin(message);
    return messages.length > 0;
  });
  return stood;
}

async function openPacer({ clients }: LiveEventsWorld, callsPerSecond: number): Promise<Pacer> {
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: 'pace',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  return createPacer(createPaceTable(clients.dynamodb, 'pace'), { callsPerSecond, probeScheduleSeconds: [60] });
}

async function reserve(pacer: Pacer, idempotencyKey: string, nowMs: number) {
  const reservation = await pacer.reserve({
    region: 'eu-west-1',
    api: 'CreateRoom',
    ledgerKey: ledgerKey(idempotencyKey),
    nowMs,
    latestMs: nowMs + LATEST_SLOT_MS,
  });
  if (reservation.kind === 'closed') throw new Error('No breaker is opened here');
  return reservation;
}

function judge(starts: number[], stood: Standing[], { published, errors }: LiveEventsWorld): ProgrammeResult {
  const events = starts.map((startsAtMs): EventResult => ({ startsAtMs, readyAtMs: 0, atRiskAtMs: undefined }));
  let latestStartMs = 0;
  let worstInversionMs = 0;
  for (const { index, atMs } of stood.toSorted((a, b) => a.atMs - b.atMs)) {
    const event = events[index];
    if (!event) continue;
    event.readyAtMs = Math.max(event.readyAtMs, atMs);
    worstInversionMs = Math.max(worstInversionMs, latestStartMs - event.startsAtMs);
    latestStartMs = Math.max(latestStartMs, event.startsAtMs);
  }
  for (const { event, atMs } of published) {
    if (event.type !== 'greenroom.roster.at-risk.v1') continue;
    const announced = events[Number(event.data.liveEvent.liveEventId.slice('event-'.length))];
    if (announced) announced.atRiskAtMs = Math.min(atMs, announced.atRiskAtMs ?? atMs);
  }
  const times = stood.map(({ atMs }) => atMs);
  const madeInMs = times.reduce((a, b) => Math.max(a, b), 0) - times.reduce((a, b) => Math.min(a, b), Infinity);
  return { events, rooms: stood.length, worstInversionMs, madeInMs, errors };
}
