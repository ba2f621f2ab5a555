import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Denial } from '../../emulator/iam/usage.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { RELEASE_COMMAND_TYPE } from '../../lib/contract/release-command.ts';
import type { ReleasedEvent } from '../../lib/contract/release-event.ts';
import type { RoomItem } from '../../lib/ledger/ledger-item.ts';
import { sendAll, until } from './gateway-clients.ts';
import type { ImpatientOptions } from './impatient-package.ts';
import type { Call, Plan } from './killing-proxy.ts';
import { must } from './must.ts';
import { openProxiedStack, type ProxiedStack } from './proxied-stack.ts';

const RELEASER = 'release-rooms';
const LIMIT_MS = 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const VARIABLES = { GREENROOM_RELEASES: 'true', GREENROOM_RELEASE_GRACE_SECONDS: 0 };
/** After this time, a room with the timing of an impatient package is old enough to be deleted, by every clock. */
const OLD_ENOUGH_MS = 1_000;

/** The state of one room after the releaser was disturbed, and has run again. */
export interface ReleaseRun {
  plan: Plan;
  calls: readonly Call[];
  killedPids: readonly number[];
  item: RoomItem | undefined;
  /** Whether the room exists. */
  exists: boolean;
  released: ReleasedEvent[];
  /** How many calls of Publish arrived while the room existed. */
  publishedTooEarly: number;
  /** The keys of the rooms that must be kept, and are gone. */
  lost: string[];
  errors: string[];
}

export interface KillingReleases {
  /**
   * Makes a room that is due, disturbs the releaser by a plan, and lets it run once more, a minute later. One run at a time.
   * @param isRepeated false: the releaser does not run again
   */
  run(plan: Plan, isRepeated?: boolean): Promise<ReleaseRun>;
  close(): Promise<void>;
}

/** A stack whose releaser reaches AWS through a killing proxy. Three other rooms must be kept: without a wish, withdrawn, and due in an hour. */
export async function openKillingReleases(options: ImpatientOptions = {}): Promise<KillingReleases> {
  let onPublish: (() => void) | undefined;
  const onCall = (operation: string) => {
    if (operation === 'Publish') onPublish?.();
  };
  const refused: string[] = [];
  // The permission depends on the tags of the room, and a room that is gone has none.
  const onDenied = ({ action, resource }: Denial) => {
    if (action !== 'ivschat:DeleteRoom') refused.push(`${action} on ${resource}`);
  };
  const settings = { ...options, victim: RELEASER, variables: VARIABLES, onCall, onDenied };
  const proxied = await openProxiedStack(settings);
  const { stack, proxy, logs } = proxied;
  const kept = await makeKeptRooms(proxied);
  let count = 0;

  return {
    async run(plan, isRepeated = true) {
      const key = `due-${++count}`;
      const { room_arn: arn } = await makeDueRoom(key, proxied);
      const exists = (each: string) => stack.ivsChat.rooms().some((room) => room.arn === each);
      let publishedTooEarly = 0;
      onPublish = () => {
        if (exists(arn)) publishedTooEarly += 1;
      };
      logs.length = 0;
      proxy.begin(plan);
      await stack.runSchedules(RELEASER);
      if (isRepeated) await runLater(key, proxied);
      onPublish = undefined;
      const released = () => releasedEventsOf(key, proxied);
      await until(async () => released().length >= publishedCount(proxy.calls) || undefined, LIMIT_MS);
      return {
        plan,
        calls: proxy.calls,
        killedPids: proxy.killedPids,
        item: await readRoom(key, proxied),
        exists: exists(arn),
        released: released(),
        publishedTooEarly,
        lost: Object.keys(kept).filter((each) => !exists(must(kept[each]))),
        errors: [...logs.filter(isUnexpected), ...refused],
      };
    },
    close: proxied.close,
  };
}

const EXPECTED = [
  'signal SIGKILL',
  'Could not delete a room',
  'The releases of these regions failed',
  'Function failed',
];

function isUnexpected(line: string): boolean {
  return line.includes('"ERROR"') && !EXPECTED.some((each) => line.includes(each));
}

function publishedCount(calls: readonly Call[]): number {
  return calls.filter(({ operation, struck }) => operation === 'Publish' && struck !== 'before').length;
}

function releasedEventsOf(key: string, { releases }: ProxiedStack): ReleasedEvent[] {
  return releases
    .filter((event) => event.type === 'greenroom.room.released.v1')
    .filter(({ subject }) => subject === key);
}

/**
 * Runs the releaser as if a minute had passed: the mark, and most failures, move the look at an item by a minute, and no sweep could wait for
 * this in every run. A run that has too little time on a busy machine is repeated.
 */
async function runLater(key: string, proxied: ProxiedStack): Promise<void> {
  for (let runs = 1; runs <= 3; runs++) {
    await passAMinute(key, proxied);
    const [result] = await proxied.stack.runSchedules(RELEASER);
    if (result?.kind === 'ok') return;
  }
}

async function passAMinute(key: string, { deployment }: ProxiedStack): Promise<void> {
  const update = {
    TableName: deployment.ledgerTable,
    Key: { id: { S: ledgerKey(key) } },
    UpdateExpression: 'SET release_look_at = release_look_at - :minute',
    ConditionExpression: 'release_look_at > :now',
    ExpressionAttributeValues: { ':minute': { N: String(MINUTE_MS) }, ':now': { N: String(Date.now()) } },
  };
  await deployment.dynamodb.send(new UpdateItemCommand(update)).catch((error: Error) => {
    if (error.name !== 'ConditionalCheckFailedException') throw error;
  });
}

async function readRoom(key: string, { readItem }: ProxiedStack): Promise<RoomItem | undefined> {
  const item = await readItem(key);
  return item?.decision === 'room' ? item : undefined;
}

async function makeRoom(key: string, proxied: ProxiedStack): Promise<RoomItem> {
  await send({ idempotencyKey: key, room: { name: 'hall' } }, proxied);
  return untilItem(key, (item) => item.status === 'COMPLETED', proxied);
}

function send(body: object, { deployment, stack }: ProxiedStack): Promise<unknown> {
  return sendAll(deployment.sqs, must(stack.outputs.InteractiveQueue), [{ body: JSON.stringify(body) }]);
}

function untilItem(key: string, isSo: (item: RoomItem) => boolean, proxied: ProxiedStack): Promise<RoomItem> {
  const read = async () => {
    const item = await readRoom(key, proxied);
    return item && isSo(item) ? item : undefined;
  };
  return until(read, LIMIT_MS);
}

/**
 * Waits for the answer, after which the worker of the command makes no more calls.
 * @param releaseAtMs when to release the room; null: keep it; absent: now
 */
async function askForRelease(
  key: string,
  releaseAtMs: number | null | undefined,
  proxied: ProxiedStack,
): Promise<void> {
  const releaseAt = typeof releaseAtMs === 'number' ? new Date(releaseAtMs).toISOString() : releaseAtMs;
  const answers = () => proxied.releases.filter(({ subject }) => subject === key).length;
  const before = answers();
  const command = { type: RELEASE_COMMAND_TYPE, idempotencyKey: key, ...(releaseAt !== undefined && { releaseAt }) };
  await send(command, proxied);
  await until(async () => answers() > before || undefined, LIMIT_MS);
}

/** A room that the releaser must delete now. */
async function makeDueRoom(key: string, proxied: ProxiedStack): Promise<RoomItem> {
  const { decided_at: decidedAtMs } = await makeRoom(key, proxied);
  await askForRelease(key, undefined, proxied);
  return until(async () => {
    const item = await readRoom(key, proxied);
    const sinceMs = Math.max(decidedAtMs, item?.release_look_at ?? Number.POSITIVE_INFINITY);
    return Date.now() > sinceMs + OLD_ENOUGH_MS ? item : undefined;
  }, LIMIT_MS);
}

/** @returns the ARNs of the rooms that must be kept, by key */
async function makeKeptRooms(proxied: ProxiedStack): Promise<Record<string, string>> {
  const noWish = await makeRoom('without a wish', proxied);
  const withdrawn = await makeRoom('withdrawn', proxied);
  await askForRelease('withdrawn', Date.now() + HOUR_MS, proxied);
  await askForRelease('withdrawn', null, proxied);
  const later = await makeRoom('later', proxied);
  await askForRelease('later', Date.now() + HOUR_MS, proxied);
  return { 'without a wish': noWish.room_arn, withdrawn: withdrawn.room_arn, later: later.room_arn };
}
