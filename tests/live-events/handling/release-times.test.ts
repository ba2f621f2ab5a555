import { afterEach, describe, expect, test } from '@jest/globals';
import { openScene, type Scene } from '../scene.ts';
import { cancelled, minuteOf, NOON_MS, type Step, scheduled, tell, timeText } from '../story.ts';

const environment = { GREENROOM_RELEASES: 'true' };
const play = (...steps: Step[]) => tell(steps, { environment });
/** The requests and the release commands of a story, without the published events. */
const work = (lines: string[]) => lines.filter((line) => / (room|release) /.test(line));

describe('the rooms of an event', () => {
  test('are requested with the release time: after the end, or after the start', async () => {
    const { lines } = await play(
      { minute: 0, send: scheduled(1, { endsAt: timeText(180), releaseAfter: 'PT15M' }) },
      {
        minute: 0,
        send: scheduled(1, { liveEventId: 'other', releaseAfter: 'PT1H', rooms: [{ key: 'c', room: {} }] }),
      },
    );
    expect(work(lines)).toEqual([
      '90 room a of r1 until 195',
      '90 room b of r1 until 195',
      '90 room c of r1 until 180',
    ]);
  });

  test('get no release time and no commands if no revision has one', async () => {
    const { lines } = await play({ minute: 0, send: scheduled(1) }, { minute: 100, send: scheduled(2, { at: 130 }) });
    expect(work(lines).filter((line) => line.includes('until') || line.includes('release'))).toEqual([]);
  });
});

describe('a revision that moves an event', () => {
  const first: Step = { minute: 0, send: scheduled(1, { endsAt: timeText(180) }) };

  test('before the opening only changes the requests', async () => {
    const { lines } = await play(first, { minute: 60, send: scheduled(2, { at: 130, endsAt: timeText(240) }) });
    expect(work(lines)).toEqual(['100 room a of r2 until 240', '100 room b of r2 until 240']);
  });

  test('after the opening tells the rooms immediately, and not only at the new opening', async () => {
    const { lines } = await play(first, { minute: 100, send: scheduled(2, { at: 400, endsAt: timeText(500) }) });
    expect(work(lines).filter((line) => line.includes('release'))).toEqual([
      '100 release a at 500, decided 100',
      '100 release b at 500, decided 100',
    ]);
    expect(work(lines).at(-1)).toBe('370 room b of r2 until 500');
  });

  test('and has no release time any more keeps the rooms', async () => {
    const { lines } = await play(first, { minute: 100, send: scheduled(2, { at: 130 }) });
    expect(work(lines).filter((line) => line.includes('release'))).toEqual([
      '100 release a never, decided 100',
      '100 release b never, decided 100',
    ]);
  });

  test('counts as decided later than every earlier revision, whatever the clocks of the senders are', async () => {
    const event = (revision: number, time: number, endsAt: number) => ({
      source: 'programme',
      'detail-type': 'Live Event Scheduled',
      time: timeText(time),
      detail: (({ type, ...detail }) => detail)(scheduled(revision, { endsAt: timeText(endsAt) })),
    });
    const { lines } = await play(
      { minute: 95, send: event(1, 95, 180) },
      // The clock of this sender is an hour slow.
      { minute: 100, send: event(2, 40, 300) },
    );
    expect(work(lines).filter((line) => line.includes('release'))).toEqual([
      '100 release a at 300, decided 95:01',
      '100 release b at 300, decided 95:01',
    ]);
  });

  const crashes = [1, 2, 3, 4, 5, 6, 7].flatMap((atCall) => [true, false].map((effect) => ({ atCall, effect })));
  test.each(crashes)('sends equal commands if its worker crashes at call $atCall (effect: $effect)', async (crash) => {
    const { lines, crashed } = await play(
      first,
      { minute: 100, crash },
      { minute: 100, send: scheduled(2, { at: 400, endsAt: timeText(500) }) },
    );
    expect(crashed).toBe(true);
    const commands = work(lines).filter((line) => line.includes('release'));
    expect(new Set(commands.map((line) => line.replace(/^\S+ /, '')))).toEqual(
      new Set(['release a at 500, decided 100', 'release b at 500, decided 100']),
    );
  });
});

describe('a cancelled event', () => {
  test('releases its rooms now if it has a release time: those of every opened revision', async () => {
    const { lines } = await play(
      { minute: 95, send: scheduled(1, { endsAt: timeText(180) }) },
      { minute: 100, send: scheduled(2, { endsAt: timeText(180), rooms: [{ key: 'b', room: {} }] }) },
      { minute: 110, send: cancelled(3) },
      { minute: 111, send: cancelled(3) },
    );
    expect(work(lines).filter((line) => line.startsWith('110'))).toEqual([
      '110 release b now, decided 110',
      '110 release a now, decided 110',
    ]);
    expect(work(lines).filter((line) => line.startsWith('111'))).toEqual([]);
  });

  test.each([
    ['has no release time', {}, 110],
    ['has not requested its rooms', { endsAt: timeText(180) }, 60],
  ])('that %s keeps its rooms', async (_what, changes, minute) => {
    const { lines } = await play({ minute: 0, send: scheduled(1, changes) }, { minute, send: cancelled(2) });
    expect(work(lines).filter((line) => line.includes('release'))).toEqual([]);
  });
});

describe('two revisions that are accepted at the same time', () => {
  let scene: Scene;
  afterEach(() => scene.world.close());

  test('have wishes in the order of their numbers', async () => {
    scene = await openScene({ environment });
    let isOver = false;
    scene.meanwhile('UpdateItemCommand', /"\\?:meaning/, async () => {
      if (isOver) return;
      isOver = true;
      await scene.send(0, scheduled(2, { endsAt: timeText(200) }));
    });
    await scene.send(0, scheduled(3, { endsAt: timeText(300) }));
    const item = await scene.item();
    expect(item).toMatchObject({ revision: 3, release_at: NOON_MS + 300 * 60_000, has_release: true });
    expect(minuteOf(item?.wished_at ?? 0)).toBe('0:01');
  });
});
