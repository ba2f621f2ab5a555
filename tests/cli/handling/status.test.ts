import { describe, expect, test } from '@jest/globals';
import { createCommandBench } from '../../support/command-bench.ts';

const request = (key: string) => ({ idempotencyKey: key, room: { name: 'final-2026' } });
type Bench = ReturnType<typeof createCommandBench>;

/** Handles a request when the command reads the ledger for the `count`-th time. */
function handleAtReading(bench: Bench, count: number, key: string): void {
  let readings = 0;
  bench.before('GetItem', async ({ input }) => {
    if (input.TableName !== 'ledger' || ++readings !== count) return;
    bench.beforeAny(() => undefined);
    await bench.handle(bench.record(request(key)));
  });
}

describe('status --wait', () => {
  test('tells what the request waits for, and ends with its room', async () => {
    const bench = createCommandBench();
    handleAtReading(bench, 3, 'wait/room');
    const { code, out, err } = await bench.run('status', 'wait/room', '--wait', '--json');
    expect([code, err.match(/no worker has claimed the key yet\n/g)]).toEqual([0, [expect.any(String)]]);
    expect(JSON.parse(out)).toMatchObject({ state: 'completed', decision: 'room' });
  });

  test('of a decided request waits until its completion is published', async () => {
    const bench = createCommandBench();
    await bench.handle(bench.record(request('wait/decided')));
    await bench.changeItem('wait/decided', { status: 'INPROGRESS' });
    let readings = 0;
    bench.before('GetItem', async ({ input }) => {
      if (input.TableName !== 'ledger' || ++readings !== 3) return;
      await bench.changeItem('wait/decided', { status: 'COMPLETED' });
    });
    const { code, out } = await bench.run('status', 'wait/decided', '--wait', '--json');
    expect([code, readings]).toEqual([0, 3]);
    expect(JSON.parse(out)).toMatchObject({ state: 'completed', decision: 'room' });
  });

  test('of a decided request whose completion is not published ends after ten seconds, and says so', async () => {
    const bench = createCommandBench();
    await bench.handle(bench.record(request('wait/unpublished')));
    await bench.changeItem('wait/unpublished', { status: 'INPROGRESS' });
    const { out } = await bench.run('status', 'wait/unpublished', '--wait');
    expect(out).toContain('not completed: the completion may or may not have been published');
  });

  test('of a request that fails ends with exit code 1', async () => {
    const bench = createCommandBench();
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 1, fault: { error: 'ValidationException' } });
    handleAtReading(bench, 2, 'wait/refused');
    const { code, out } = await bench.run('status', 'wait/refused', '--wait');
    expect([code, out]).toEqual([1, expect.stringContaining('decided: failed, refused')]);
  });

  test('at its time limit says what the request waits for, since when and how often', async () => {
    const bench = createCommandBench();
    bench.ivsChat.inject({ operation: 'CreateRoom', times: 100, fault: { error: 'ConflictException' } });
    await bench.handle(bench.record(request('wait/conflict')));
    const { code, out, err } = await bench.run('status', 'wait/conflict', '--wait', '--timeout', '60');
    expect([code, out]).toEqual([1, '']);
    const waiting = /waiting since \S+Z: conflict \(tries: 1, next by \S+Z\)/.source;
    expect(err).toMatch(
      new RegExp(`^${waiting}\nerror: No outcome within 60 seconds: ${waiting}\\. The request continues\n$`),
    );
  });

  test('ends at Ctrl-C', async () => {
    const bench = createCommandBench();
    bench.before('GetItem', () => bench.interrupt());
    const { code, out } = await bench.run('status', 'wait/nobody', '--wait');
    expect([code, out]).toEqual([130, '']);
  });

  test('of a damaged item ends at once, because only a person can repair it', async () => {
    const bench = createCommandBench();
    await bench.handle(bench.record(request('wait/damaged')));
    await bench.changeItem('wait/damaged', { version: 'two' });
    const { code, out } = await bench.run('status', 'wait/damaged', '--wait');
    expect([code, out]).toEqual([1, expect.stringContaining('Until a person repairs the item')]);
  });
});

describe('status --verify', () => {
  test('finds the room, and notices when somebody has deleted it', async () => {
    const bench = createCommandBench();
    await bench.handle(bench.record(request('verify/room')));
    const kept = await bench.run('status', 'verify/room', '--verify');
    expect([kept.code, kept.out]).toEqual([0, expect.stringContaining('checked: IVS Chat has the room')]);
    const [room] = bench.ivsChat.rooms();
    await bench.deleteRoom(room?.arn ?? '');
    const gone = await bench.run('status', 'verify/room', '--verify');
    expect([gone.code, gone.out]).toEqual([
      1,
      expect.stringContaining('checked: IVS Chat has no such room: it was deleted'),
    ]);
    bench.pass(5_000);
    const json = await bench.run('status', 'verify/room', '--verify', '--wait', '--json');
    expect([json.code, JSON.parse(json.out).state]).toEqual([1, 'room-deleted']);
    // What the text says: another request with the key gets the deleted room, and no new one.
    await bench.handle(bench.record(request('verify/room')));
    expect(bench.ivsChat.rooms()).toEqual([]);
    expect(bench.completions().at(-1)?.data.room.arn).toBe(room?.arn);
    // Control: without --verify, the command does not ask IVS Chat.
    expect((await bench.run('status', 'verify/room')).code).toBe(0);
  });

  test('of a key without a room asks nothing', async () => {
    const bench = createCommandBench();
    expect((await bench.run('status', 'verify/unknown', '--verify')).code).toBe(1);
    expect(bench.callNames()).not.toContain('GetRoom');
  });

  test('by the ARN of a deleted room says that it may have been deleted', async () => {
    const bench = createCommandBench();
    const { code, err } = await bench.run('status', 'arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEf123456');
    expect([code, err]).toEqual([1, expect.stringContaining('it was deleted, or it belongs to another account')]);
  });
});
