import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import { makeCuts } from '../../protocol/cut.ts';
import { TABLES } from '../../protocol/tables.ts';
import { MODES, type Plan } from '../../support/killing-proxy.ts';
import { type KillingReleases, openKillingReleases, type ReleaseRun } from '../../support/killing-releases.ts';
import { must } from '../../support/must.ts';

/**
 * `GREENROOM_KILL_SWEEP=all` disturbs every call in every mode. Each kill costs the start of a process, so the usual run disturbs only a call of
 * each step that a releaser must not forget or repeat.
 */
const IS_WHOLE = process.env.GREENROOM_KILL_SWEEP === 'all';
const STACK_COUNT = IS_WHOLE ? 4 : 1;
const LIMIT_MS = 900_000;

// The slots of GetRoom and DeleteRoom are the first two calls of UpdateItem, and the mark is the third.
const SAMPLE: Plan[] = [
  [{ operation: 'UpdateItem', nth: 3, mode: 'after' }],
  [{ operation: 'DeleteRoom', nth: 1, mode: 'after' }],
  [{ operation: 'DeleteRoom', nth: 1, mode: 'lost' }],
  [{ operation: 'Publish', nth: 1, mode: 'after' }],
  [{ operation: 'UpdateItem', nth: 4, mode: 'before' }],
];

const stacks: KillingReleases[] = [];
afterEach(() => Promise.all(stacks.splice(0).map((stack) => stack.close())));

async function open(...options: Parameters<typeof openKillingReleases>): Promise<KillingReleases> {
  const stack = await openKillingReleases(...options);
  stacks.push(stack);
  return stack;
}

/** Each call of a run in each mode. The queries of a run are equal, so only the first and the last are disturbed. */
function everyPlan({ calls }: ReleaseRun): Plan[] {
  const operations = calls.map(({ operation }) => operation);
  return operations.flatMap((operation, index) => {
    const nth = operations.slice(0, index + 1).filter((each) => each === operation).length;
    const isInner = operation === 'Query' && nth > 1 && operations.indexOf('Query', index + 1) >= 0;
    return isInner ? [] : MODES.map((mode) => [{ operation, nth, mode }]);
  });
}

/** A push back follows a DeleteRoom whose response is lost. */
function afterPushBack(): Plan[] {
  const first = { operation: 'DeleteRoom', nth: 1, mode: 'lost' } as const;
  return MODES.map((mode) => [first, { operation: 'UpdateItem', nth: 1, mode }]);
}

async function runAll(plans: Plan[]): Promise<ReleaseRun[]> {
  const left = [...plans];
  const runs: ReleaseRun[] = [];
  const workOff = async (stack: KillingReleases) => {
    for (let plan = left.shift(); plan; plan = left.shift()) runs.push(await stack.run(plan));
  };
  await Promise.all(stacks.map(workOff));
  return runs;
}

/** The calls that were struck, such as `after UpdateItem 4`. */
function strikesOf({ plan }: ReleaseRun): string {
  return plan.map(({ mode, operation, nth }) => `${mode} ${operation} ${nth}`).join(', ') || 'nothing';
}

/** The promises that a run has broken, and strikes that did not happen, because without them a run proves nothing. */
function violationsOf(run: ReleaseRun): string[] {
  const { plan, calls, killedPids, item, released, exists, publishedTooEarly, lost, errors } = run;
  const struck = calls.filter(({ struck: mode }) => mode !== undefined);
  const kills = struck.filter(({ struck: mode }) => mode !== 'lost').length;
  const violations = [
    struck.length !== plan.length && `${struck.length} strikes`,
    killedPids.length !== kills && `${killedPids.length} processes killed`,
    exists && 'the room exists',
    new Set(released.map((event) => JSON.stringify(event))).size !== 1 && `${released.length} events`,
    publishedTooEarly > 0 && 'released is published, but the room exists',
    item?.released_at === undefined && 'the release is not finished',
    item?.release_look_at !== undefined && 'the item is in the due index',
    lost.length > 0 && `deleted: ${lost}`,
    ...errors,
  ];
  return violations.flatMap((each) => (each === false ? [] : `${strikesOf(run)}: ${each}`));
}

/** A package whose releaser lacks a rule of docs/protocol/release.md, or is a wrong one. */
async function releaserWithout(rule: string) {
  const { cuts } = must(TABLES.release[rule]);
  const built = await build({
    entryPoints: [join('functions', 'release-rooms.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    write: false,
    plugins: [
      {
        name: 'cuts',
        setup({ onLoad }) {
          onLoad({ filter: /\/lib\/.*\.ts$/ }, async ({ path }) => {
            const { readFile } = await import('node:fs/promises');
            const here = cuts.filter(({ file }) => path.endsWith(`/lib/${file}`));
            return here.length === 0
              ? undefined
              : { loader: 'ts' as const, contents: makeCuts(await readFile(path, 'utf8'), here) };
          });
        },
      },
    ],
  });
  const files = { 'dist/release-rooms/index.cjs': strToU8(must(built.outputFiles[0]).text) };
  return (directory: string) => writeFileSync(join(directory, 'release-rooms.zip'), zipSync(files, { level: 1 }));
}

describe('wherever the releaser is killed or a response is lost, the next run ends the release:', () => {
  test(
    'each room is deleted and announced once, and no other room is deleted',
    async () => {
      await Promise.all(Array.from({ length: STACK_COUNT }, () => open()));
      const stack = must(stacks[0]);
      const untouched = await stack.run([]);
      const runs = await runAll(IS_WHOLE ? [...everyPlan(untouched), ...afterPushBack()] : SAMPLE);
      expect([untouched, ...runs].flatMap(violationsOf)).toEqual([]);
      console.log(`${runs.length} points at which a releaser was killed or a response was lost`);

      // Control: a releaser that does not run again leaves its room in the index.
      const once = await stack.run([{ operation: 'DeleteRoom', nth: 1, mode: 'before' }], false);
      expect(violationsOf(once)).toEqual([
        'before DeleteRoom 1: the room exists',
        'before DeleteRoom 1: 0 events',
        'before DeleteRoom 1: the release is not finished',
        'before DeleteRoom 1: the item is in the due index',
      ]);
    },
    LIMIT_MS,
  );

  if (IS_WHOLE)
    test(
      'control: the sweep finds a releaser that publishes before it deletes',
      async () => {
        const stack = await open({ change: await releaserWithout('M_SAYFIRST') });
        const run = await stack.run([{ operation: 'DeleteRoom', nth: 1, mode: 'before' }]);
        expect(violationsOf(run)).toEqual(['before DeleteRoom 1: released is published, but the room exists']);
      },
      LIMIT_MS,
    );
});
