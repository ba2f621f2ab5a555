import { DeleteItemCommand, TransactionCanceledException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, describe as describeEvent, MINUTE_MS, NOON_MS, scheduled } from '../story.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.world.close());

/** Lets another worker handle a message completely. */
async function handleElsewhere(message: object): Promise<void> {
  const queue = scene.world.queue('live-events');
  await scene.world.deliver('live-events', queue.take([queue.send(JSON.stringify(message))]));
}
const key = { TableName: 'rosters', Key: liveEventKey('final') };
const remove = () => scene.world.clients.dynamodb.send(new DeleteItemCommand(key));
const said = () => scene.world.published.map(({ event }) => describeEvent(event));
const requested = () =>
  scene.world
    .queue('interactive')
    .messages()
    .map(({ body }) => JSON.parse(body).roster);
/** Reads of the event's item. */
const READ = /"event"/;
const OPENING = /opened_revisions/;

describe('the sending of the requests of a revision is recorded', () => {
  beforeEach(async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1));
  });
  const SENT = /SET sent_at/;

  test('with the time', async () => {
    await scene.runUntil(90);
    const sent = { live_state: 'opened', sent_at: NOON_MS + 90 * MINUTE_MS, sent_revisions: new Set([1]) };
    expect(await scene.item()).toMatchObject(sent);
  });

  test('even if a newer revision has arrived meanwhile that has sent nothing yet', async () => {
    scene.meanwhile('UpdateItemCommand', SENT, () => handleElsewhere(scheduled(2, { at: 300 })));
    await scene.runUntil(91);
    expect(await scene.item()).toMatchObject({ live_state: 'pending', revision: 2, sent_revisions: new Set([1]) });
    expect(await scene.storedItem()).not.toHaveProperty('sent_at');
    expect(scene.world.errors).toEqual([]);
  });

  test('and kept when a newer revision sends its own requests', async () => {
    scene.meanwhile('UpdateItemCommand', SENT, () => handleElsewhere(scheduled(2, { at: 121 })));
    await scene.runUntil(93);
    expect(await scene.item()).toMatchObject({ live_state: 'opened', revision: 2, sent_revisions: new Set([1, 2]) });
  });

  test('even if the event was cancelled meanwhile, and it stays cancelled', async () => {
    scene.meanwhile('UpdateItemCommand', SENT, () => handleElsewhere(cancelled(2)));
    await scene.runUntil(91);
    expect(await scene.item()).toMatchObject({ live_state: 'cancelled', sent_revisions: new Set([1]) });
  });

  test('but not if the event was deleted meanwhile', async () => {
    scene.meanwhile('UpdateItemCommand', SENT, remove);
    await scene.runUntil(91);
    expect(await scene.storedItem()).toEqual({});
  });
});

/** The texts and reasons of the messages whose handling failed, as the log has them. */
const failures = () =>
  scene.world.errors.map((line) => {
    const [text, fields] = line as [string, { reason?: string }];
    return [text, fields.reason];
  });

describe('an event that is deleted while a message is handled', () => {
  test('leaves nothing to do when it is scheduled', async () => {
    scene.meanwhile('GetItemCommand', READ, remove);
    await scene.send(0, scheduled(1));
    expect(scene.outcomes()).toMatchObject([{ kind: 'ignored', reason: 'unknown-event' }]);
    expect(await scene.storedItem()).toEqual({});
  });

  test('leaves nothing to do after a step has failed: its message returns and finds no event', async () => {
    scene.world.setOutage(({ service }) => service === 'scheduler');
    scene.meanwhile('GetItemCommand', READ, remove);
    await scene.send(0, scheduled(1));
    expect(scene.outcomes()).toEqual([]);
    expect(failures()).toEqual([['A message about a live event could not be handled', undefined]]);
    scene.world.setOutage(() => false);
    await scene.runUntil(1);
    expect(scene.outcomes()).not.toEqual([]);
  });

  test('leaves nothing to do for an older revision', async () => {
    await scene.send(0, scheduled(2));
    scene.meanwhile('GetItemCommand', READ, remove);
    await scene.send(1, scheduled(1));
    expect(scene.outcomes().at(-1)).toMatchObject({ revision: 1, kind: 'ignored', reason: 'older' });
    expect(scene.world.errors).toEqual([]);
  });

  test('leaves nothing to do when it was opened', async () => {
    await scene.send(0, scheduled(1));
    const isOpened = async () => (await scene.storedItem()).live_state === 'opened';
    scene.meanwhile('GetItemCommand', READ, async () => (await isOpened()) && remove());
    await scene.runUntil(90);
    expect(scene.outcomes().at(-1)).toMatchObject({ kind: 'ignored', reason: 'unknown-event' });
    expect(requested()).toEqual([]);
  });
});

test('an event that is cancelled just after it was opened gets no rooms', async () => {
  await scene.send(0, scheduled(1));
  let isCancelled = false;
  scene.meanwhile('GetItemCommand', READ, async () => {
    if (isCancelled || (await scene.storedItem()).live_state !== 'opened') return;
    isCancelled = true;
    await handleElsewhere(cancelled(2));
  });
  await scene.runUntil(90);
  expect(scene.outcomes().at(-1)).toMatchObject({ revision: 1, kind: 'cancelled' });
  await scene.runUntil(121);
  expect(said()).toEqual(['cancelled r2']);
});

test('an event whose check has come while its schedules were set is checked next', async () => {
  const toNow = new UpdateItemCommand({
    ...key,
    UpdateExpression: 'SET check_at = :now',
    ExpressionAttributeValues: { ':now': { N: String(NOON_MS) } },
  });
  scene.meanwhile('GetItemCommand', READ, () => scene.world.clients.dynamodb.send(toNow));
  await scene.send(0, scheduled(1));
  expect(scene.outcomes()).toMatchObject([{ kind: 'postponed', reason: 'due-soon', untilMs: NOON_MS }]);
  await scene.runUntil(0.1);
  expect(said()).toEqual(['at-risk r1 check: a open, b open']);
});

describe('an event that changes as soon as it is read', () => {
  const raise = () =>
    scene.world.clients.dynamodb.send(
      new UpdateItemCommand({
        ...key,
        UpdateExpression: 'ADD revision :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );

  test.each([
    [4, 'is handled with its last revision', { kind: 'scheduled' }],
    [5, 'is postponed', { kind: 'postponed', reason: 'changed', untilMs: NOON_MS }],
  ])('%d times %s', async (times, _what, expected) => {
    let reads = 0;
    scene.meanwhile('GetItemCommand', READ, async () => {
      reads += 1;
      if (reads <= times) await raise();
    });
    await scene.send(0, scheduled(1));
    expect(scene.outcomes()).toMatchObject([expected]);
    expect(reads).toBe(5);
    await scene.runUntil(121);
    const revision = times + 1;
    expect(said()).toEqual([`completed r${revision} 2 made, 0 failed`]);
    expect(await scene.world.scheduleNames()).toEqual([]);
    expect(scene.world.queue('live-events').messages()).toEqual([]);
  });

  test('is postponed with the failure of a step, so that the log shows it', async () => {
    let reads = 0;
    scene.meanwhile('GetItemCommand', READ, async () => (reads++ < 5 ? raise() : undefined));
    scene.world.setOutage(({ service }) => service === 'scheduler');
    await scene.send(0, scheduled(1));
    expect(failures()).toEqual([['Live event message handled', 'changed']]);
  });

  test('has a postponed message that returns by the next due time', async () => {
    const times = { startsAtMs: NOON_MS + 120 * MINUTE_MS, opensAtMs: NOON_MS + 90 * MINUTE_MS };
    let reads = 0;
    scene.meanwhile('GetItemCommand', READ, async () => (reads++ < 5 ? raise() : undefined));
    await scene.send(0, scheduled(1));
    expect(scene.outcomes()).toMatchObject([{ times: { ...times, checkAtMs: NOON_MS + 110 * MINUTE_MS } }]);
  });
});

test('a transaction that conflicts with one of another worker is tried again', async () => {
  const conflict = { $metadata: {}, message: 'no', CancellationReasons: [{ Code: 'TransactionConflict' }] };
  const conflicts: string[] = [];
  for (const what of ['opened_revisions', 'ledger_key'])
    scene.meanwhile('TransactWriteItemsCommand', new RegExp(what), async () => {
      if (conflicts.includes(what)) return;
      conflicts.push(what);
      throw new TransactionCanceledException(conflict);
    });
  await scene.send(0, scheduled(1));
  await scene.runUntil(90);
  expect(conflicts).toEqual(['opened_revisions', 'ledger_key']);
  expect(scene.world.errors).toEqual([]);
  expect(said()).toEqual(['completed r1 2 made, 0 failed']);
});

test('all decisions use consistent reads', async () => {
  const reads: string[] = [];
  scene.world.clients.dynamodb.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const isRead = commandName === 'GetItemCommand' && !JSON.stringify(args.input).includes('"pace"');
        if (isRead) reads.push(JSON.stringify(args.input));
        return next(args);
      },
    { step: 'initialize' },
  );
  await scene.send(0, scheduled(1));
  await scene.runUntil(111);
  expect(reads.some((read) => READ.test(read)) && reads.some((read) => read.includes('asked-for'))).toBe(true);
  expect(reads.filter((read) => !read.includes('"ConsistentRead":true'))).toEqual([]);
});

describe('an event that was moved while a worker took its turn', () => {
  test('is not opened by that worker', async () => {
    await scene.send(0, scheduled(1));
    let isMoved = false;
    scene.meanwhile('TransactWriteItemsCommand', OPENING, async () => {
      if (!isMoved) await handleElsewhere(scheduled(2, { at: 300 }));
      isMoved = true;
    });
    await scene.runUntil(90);
    expect(scene.outcomes().at(-1)).toMatchObject({ revision: 1, kind: 'postponed', reason: 'changed' });
    await scene.runUntil(269);
    expect(said()).toEqual([]);
    await scene.runUntil(301);
    expect(said()).toEqual(['completed r2 2 made, 0 failed']);
  });

  test('keeps its new time of the next examination', async () => {
    await scene.world.close();
    scene = await openScene({ environment: { GREENROOM_CREATE_ROOM_TPS: '0.02' } });
    const rooms = Array.from({ length: 12 }, (_, index) => ({ key: `room-${index}`, room: {} }));
    await scene.send(0, scheduled(1, { at: 29, liveEventId: 'crowd', rooms }));
    await scene.runUntil(1);
    let isMoved = false;
    scene.meanwhile('UpdateItemCommand', /SET expected_at = :expected_at/, async () => {
      if (!isMoved) await handleElsewhere(scheduled(2, { at: 300 }));
      isMoved = true;
    });
    await scene.send(1, scheduled(1, { at: 30 }));
    await scene.runUntil(2);
    const opensAtMs = NOON_MS + 270 * MINUTE_MS;
    expect(await scene.item()).toMatchObject({ revision: 2, expected_at: opensAtMs });
    expect(scene.outcomes()).toContainEqual(expect.objectContaining({ revision: 1, reason: 'changed' }));
  });
});

describe('a turn for which others add to the backlog at the same time', () => {
  const BACKLOG = { TableName: 'rosters', Key: { pk: { S: 'live-events' }, sk: { S: 'asked-for#eu-west-1' } } };

  /** Changes the backlog a number of times, each time just before the turn would be taken. */
  function addToBacklog(times: number): void {
    let tries = 0;
    scene.meanwhile('TransactWriteItemsCommand', OPENING, async () => {
      tries += 1;
      if (tries > times) return;
      // The worker first found the region idle. Later it finds the region less busy than it is.
      const busyUntilMs = scene.world.clock.nowMs() + (tries % 2 === 1 ? 1_000 : -1_000);
      await scene.world.clients.dynamodb.send(
        new UpdateItemCommand({
          ...BACKLOG,
          UpdateExpression: 'SET free_at = :until',
          ExpressionAttributeValues: { ':until': { N: String(busyUntilMs) } },
        }),
      );
    });
  }

  test.each([
    [4, 'is taken eventually', 90],
    [5, 'is tried again a second later', 90 + 1 / 60],
  ])('%d times %s', async (times, _what, openedAt) => {
    await scene.send(0, scheduled(1));
    addToBacklog(times);
    await scene.runUntil(92);
    expect(await scene.item()).toMatchObject({ opened_at: NOON_MS + openedAt * MINUTE_MS });
    const later = scene.outcomes().filter((outcome) => JSON.stringify(outcome).includes('not-its-turn'));
    expect(later).toMatchObject(times === 5 ? [{ untilMs: NOON_MS + 90 * MINUTE_MS + 1_000 }] : []);
  });

  test('five times does not delay the warning that the event will be late', async () => {
    addToBacklog(5);
    await scene.send(0, scheduled(1, { startsAt: new Date(NOON_MS + 2_000).toISOString() }));
    expect(said()).toEqual(['at-risk r1 pace: a open, b open']);
  });
});
