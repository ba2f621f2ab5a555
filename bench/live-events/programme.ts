import { createTokenBuckets } from '../../emulator/ivschat/token-bucket.ts';
import { createRandom } from '../../emulator/random.ts';
import { provisionedCompletion } from '../../lib/contract/completion.ts';
import { completionAttributes } from '../../lib/contract/completion-attributes.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import { createPaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer } from '../../lib/pace/pacer.ts';
import { createSlotLines, type SlotLines } from '../../lib/pace/slot-lines.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { extraWaitMs } from '../../lib/provisioning/wait-times.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { type LiveEventsWorld, type Outage, openLiveEventsWorld } from './world.ts';

export interface Programme {
  events: number;
  roomsEach: number;
  /** The time between the first start and the last. */
  spreadMs: number;
  /** How long before the first start all events are received. */
  receivedBeforeMs: number;
  leadTime: string;
  atRiskTime: string;
  /** Whether events wait for others that start earlier. */
  takesTurns: boolean;
  /** The quota that greenroom assumes, in calls a second. */
  quota: number;
  /** The calls a second that other programs leave to greenroom. */
  callsPerSecond: number;
}

export interface EventResult {
  startsAtMs: number;
  /** When its last room was created. */
  readyAtMs: number;
  /** When it was first announced as at risk. */
  atRiskAtMs: number | undefined;
}

export interface ProgrammeResult {
  events: EventResult[];
  rooms: number;
  /** A room is out of order if its event starts before the event of a room that was created earlier. The longest time between two such starts. */
  worstInversionMs: number;
  /** The time from the first room to the last. */
  madeInMs: number;
  errors: unknown[];
}

const START_MS = Date.parse('2026-12-18T12:00:00Z');
const WORKERS = 10;
const PLACE = { region: 'eu-west-1', api: 'CreateRoom' } as const;
/** A function begins no call later than this after its own start. Its timeout is a minute. */
const LATEST_SLOT_MS = 47_000;
const CALL_MS = 250;

/**
 * Runs a programme through the real handlers and the real pacer. A substitute for provision-rooms only makes the calls.
 * @param onCall called for each call of the handlers
 */
export async function runProgramme(
  programme: Programme,
  onCall: (call: Parameters<Outage>[0]) => void = () => undefined,
): Promise<ProgrammeResult> {
  const firstStartMs = START_MS + programme.receivedBeforeMs;
  const starts = Array.from({ length: programme.events }, (_, index) =>
    Math.round(firstStartMs + (index * programme.spreadMs) / programme.events),
  );
  const environment = { GREENROOM_CREATE_ROOM_TPS: String(programme.takesTurns ? programme.quota : 1_000_000) };
  const world = await openLiveEventsWorld(START_MS, { environment });
  world.setOutage((call) => {
    onCall(call);
    return false;
  });
  try {
    const created = openPacedWorkers(world, programme);
    const random = createRandom(1);
    for (const index of starts.map((_, each) => each).toSorted(() => random() - 0.5))
      world.queue('live-events').send(JSON.stringify(eventOf(index, starts[index] ?? 0, programme)));
    await world.runUntil(firstStartMs + programme.spreadMs + 3_600_000);
    return judge(starts, created, world);
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

interface CreatedRoom {
  index: number;
  atMs: number;
}

/**
 * Opens ten workers with ten messages each, as in provision-rooms. They wait for their slots in the slot lines of the real pacer, and then
 * call. The quota is a token bucket with a burst of two. A throttled call is reported to the pacer and repeated.
 */
function openPacedWorkers(world: LiveEventsWorld, { quota, callsPerSecond }: Programme): CreatedRoom[] {
  const created: CreatedRoom[] = [];
  const { time: clock } = world;
  const interactive = world.queue('interactive');
  const random = createRandom(2);
  const buckets = createTokenBuckets();
  const signal = new AbortController().signal;
  const tables = openTables(world.clients.dynamodb, clock);
  const idle = Array.from({ length: WORKERS }, () =>
    createPacer(createPaceTable(tables, 'pace'), { callsPerSecond: quota, probeScheduleSeconds: [60] }),
  );

  async function invoke(messages: MemoryMessage[], pacer: Pacer): Promise<void> {
    const lastSendMs = clock.nowMs() + LATEST_SLOT_MS;
    const lines = createSlotLines({ pacer, clock, random, lastSendMs, signal });
    await Promise.all(messages.map((message) => fulfil(message, lines, pacer)));
    idle.push(pacer);
  }

  async function fulfil(message: MemoryMessage, lines: SlotLines, pacer: Pacer): Promise<void> {
    const { idempotencyKey, roster = '' } = roomRequestSchema.parse(JSON.parse(message.body));
    for (;;) {
      const turn = await lines.take({ ...PLACE, lane: 'interactive', ledgerKey: ledgerKey(idempotencyKey) });
      if (turn.kind !== 'slot' && turn.kind !== 'full') throw new Error('Nothing is closed, paused or stopped here');
      if (turn.kind === 'full') {
        const untilMs = turn.freeAtMs + extraWaitMs(message.receiveCount) + random() * 1_000;
        interactive.postpone(message.id, untilMs);
        return;
      }
      const limits = { tps: callsPerSecond, burst: 2 };
      if (buckets.take(PLACE.api, PLACE.region, limits, clock.nowMs())) break;
      await pacer.noteThrottle({ ...PLACE, reservedAtMs: turn.reservedAtMs });
    }
    await clock.sleep(CALL_MS, signal);
    created.push({ index: Number(/event-(\d+)/.exec(idempotencyKey)?.[1]), atMs: clock.nowMs() });
    const completion = answerTo(idempotencyKey, clock.nowMs());
    const attributes = completionAttributes(completion, { lane: 'interactive', roster });
    world.queue('rosters').send(JSON.stringify(completion), { attributes });
    interactive.remove(new Set([message.id]));
  }

  world.setWork(async () => {
    const pacer = idle.shift();
    if (pacer) interactive.shuffle(random);
    const messages = pacer ? interactive.receive(10) : [];
    if (!pacer || messages.length === 0) {
      if (pacer) idle.push(pacer);
      return false;
    }
    void invoke(messages, pacer);
    return true;
  });
  return created;
}

/** The completion of a key whose room was created. */
function answerTo(idempotencyKey: string, decidedAtMs: number) {
  return provisionedCompletion({
    stage: 'test',
    idempotencyKey,
    tenant: 'default',
    region: PLACE.region,
    claimId: 'claim',
    generation: 0,
    payloadHash: ledgerKey(idempotencyKey),
    decidedAtMs,
    outcome: 'created',
    late: false,
    room: { arn: `arn:aws:ivschat:eu-west-1:000000000000:room/${ledgerKey(idempotencyKey).slice(0, 12)}` },
  });
}

function judge(starts: number[], created: CreatedRoom[], { published, errors }: LiveEventsWorld): ProgrammeResult {
  const events = starts.map((startsAtMs): EventResult => ({ startsAtMs, readyAtMs: 0, atRiskAtMs: undefined }));
  let latestStartMs = 0;
  let worstInversionMs = 0;
  for (const { index, atMs } of created.toSorted((a, b) => a.atMs - b.atMs)) {
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
  const times = created.map(({ atMs }) => atMs);
  const madeInMs = times.reduce((a, b) => Math.max(a, b), 0) - times.reduce((a, b) => Math.min(a, b), Infinity);
  return { events, rooms: created.length, worstInversionMs, madeInMs, errors };
}
