import { Readable } from 'node:stream';
import * as z from 'zod';
import { readRoomReleases } from '../../client/operate/release/read-room-releases.ts';
import { changeReleasesIn } from '../../client/operate/release/release-stops.ts';
import { connectDirectly } from './clients.ts';
import { CONFIG } from './deployment.ts';
import { startLane, startReleaser } from './functions.ts';
import { REGION, requestOf } from './programme.ts';
import { createUsage } from './usage.ts';
import { createReleaseWorld, type ReleaseWorld } from './world.ts';

/** A person releases the wrong job, and notices it `noticedAfterMs` later. */
export const wrongJobTaskSchema = z.object({
  kind: z.literal('wrong-job'),
  /** The rooms of the wrong job. The same number of rooms belongs to another job. */
  rooms: z.int().positive(),
  noticedAfterMs: z.number().positive(),
  /** Whether the person stops all releases before withdrawing the release of the job. */
  stops: z.boolean(),
  seed: z.int(),
});
export type WrongJobTask = z.output<typeof wrongJobTaskSchema>;

export const wrongJobResultSchema = z.object({
  /** The keys whose rooms no longer exist. */
  lost: z.array(z.string()),
  /** The keys whose releases are final, which is the list that a person reads. */
  listed: z.array(z.string()),
  /** The keys whose withdrawal was refused as too late. */
  tooLate: z.array(z.string()),
  /** How many withdrawals were confirmed. */
  confirmed: z.number(),
  /**
   * When the last DeleteRoom call arrived, in milliseconds after the person noticed the mistake. If the person stops releases, only calls
   * during the stop count. Null if no call arrived.
   */
  lastDeleteAfterMs: z.number().nullable(),
  /** The messages of warnings and errors in the logs, with their counts. */
  problems: z.record(z.string(), z.number()),
});
export type WrongJobResult = z.output<typeof wrongJobResultSchema>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const RELEASED_AT_MS = START_MS + HOUR_MS;
/** Long enough for every withdrawal to be handled while releases are stopped. */
const RESUMED_AFTER_MS = 600_000;
const WORKERS = 1;

export async function runWrongJob(task: WrongJobTask): Promise<WrongJobResult> {
  const deletes: number[] = [];
  const world = createReleaseWorld({
    startMs: START_MS,
    seed: task.seed,
    roomQuota: 10 * task.rooms,
    onChatCall: ({ api, atMs }) => void (api === 'DeleteRoom' && deletes.push(atMs)),
  });
  const { time, queues, chat, published } = world;
  startLane(world, 'interactive', WORKERS, createUsage());
  startReleaser(world, createUsage());
  const keys = Array.from({ length: task.rooms }, (_, row) => `wrong-${row}`);
  const others = keys.map((key) => key.replace('wrong', 'other'));
  queues.interactive.send([...keys, ...others].map((key) => requestOf(key, REGION, 'importer')));
  await time.run(RELEASED_AT_MS);

  queues.interactive.send(keys.map((key) => commandOf(key, 'now')));
  const noticedAtMs = RELEASED_AT_MS + task.noticedAfterMs;
  await time.run(noticedAtMs);
  if (task.stops) await setReleases(world, 'stop');
  queues.interactive.send(keys.map((key) => commandOf(key, 'keep')));
  await time.run(noticedAtMs + RESUMED_AFTER_MS);
  if (task.stops) await setReleases(world, 'resume');
  await time.run(noticedAtMs + 2 * HOUR_MS);

  const living = new Set(chat.admin.rooms(REGION).map(({ name }) => name));
  // After the stop ends, the rooms that were marked before it are deleted. They are among those that greenroom lists.
  const endMs = task.stops ? noticedAtMs + RESUMED_AFTER_MS : Number.POSITIVE_INFINITY;
  const lastDeleteMs = Math.max(...deletes.filter((atMs) => atMs > noticedAtMs && atMs < endMs));
  return {
    lost: [...keys, ...others].filter((key) => !living.has(key)),
    listed: (await listGone(world, [...keys, ...others])).sort(),
    ...answersTo(published),
    lastDeleteAfterMs: Number.isFinite(lastDeleteMs) ? lastDeleteMs - noticedAtMs : null,
    problems: world.problems,
  };
}

function commandOf(key: string, what: 'now' | 'keep') {
  const command = { type: 'Room Release Requested', idempotencyKey: key };
  const body = JSON.stringify(what === 'keep' ? { ...command, releaseAt: null } : command);
  return { ...requestOf(key, REGION, 'importer'), id: `${what}-${key}`, body };
}

/** Runs the clock while a person waits for a command. */
async function wait<Result>({ time }: ReleaseWorld, command: Promise<Result>): Promise<Result> {
  let isDone = false;
  const watched = command.finally(() => {
    isDone = true;
  });
  await time.run(Number.POSITIVE_INFINITY, () => isDone);
  return watched;
}

/** `greenroom release --stop` or `--resume`. */
async function setReleases(world: ReleaseWorld, what: 'stop' | 'resume'): Promise<void> {
  const { dynamodb } = connectDirectly(world, createUsage());
  const { paceTable } = CONFIG;
  const waiting = { clock: world.clock, signal: new AbortController().signal };
  await wait(world, changeReleasesIn({ dynamodb, paceTable }, [REGION], what, waiting));
}

/** Those keys of the job whose releases are final, as `greenroom release` shows them. */
async function listGone(world: ReleaseWorld, keys: readonly string[]): Promise<string[]> {
  const { dynamodb } = connectDirectly(world, createUsage());
  const { clock, random } = world;
  const waiting = { clock, random, signal: new AbortController().signal };
  const named = Readable.from(keys.map((key) => ({ key })));
  const rooms = readRoomReleases({ dynamodb, ledgerTable: CONFIG.ledgerTable }, named, waiting);
  const gone: string[] = [];
  const list = async () => {
    for await (const { key, markedAtMs } of rooms) if (markedAtMs !== undefined) gone.push(key);
  };
  await wait(world, list());
  return gone;
}

const answerSchema = z.object({
  type: z.string(),
  data: z.object({ idempotencyKey: z.string(), releaseAt: z.string().nullish(), reason: z.string().optional() }),
});

/** The answers to the withdrawals. */
function answersTo(published: readonly object[]): { tooLate: string[]; confirmed: number } {
  const answers = published.map((event) => answerSchema.parse(event));
  const tooLate = answers.filter(({ data }) => data.reason === 'too-late').map(({ data }) => data.idempotencyKey);
  const isConfirmed = ({ type, data }: z.output<typeof answerSchema>) =>
    type.endsWith('release-scheduled.v1') && data.releaseAt === null;
  return { tooLate: tooLate.sort(), confirmed: answers.filter(isConfirmed).length };
}
