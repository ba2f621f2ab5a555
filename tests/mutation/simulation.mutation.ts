import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as extraRoom from '../../lib/ledger/is-extra-room.ts';
import * as ledger from '../../lib/ledger/ledger.ts';
import * as rebuilding from '../../lib/ledger/rebuild-item.ts';
import * as batch from '../../lib/provisioning/process-batch.ts';
import * as services from '../../lib/provisioning/services.ts';
import * as releases from '../../lib/releasing/release-rooms.ts';
import * as releaseServices from '../../lib/releasing/release-services.ts';
import * as sweeping from '../../lib/sweeping/sweep-region.ts';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import { SCENARIOS } from '../protocol/scenarios.ts';
import { Stage } from '../protocol/stage.ts';
import { sweepOnce } from '../simulation/crash-sweep.ts';
import { runSeed } from '../simulation/run-seed.ts';

const SEEDS = 50;

beforeAll(installVirtualTime);

let warmUp: Promise<unknown> | undefined;
// On first use, the SDK reads its configuration files, and virtual time does not wait for a disk. This must happen in a hook and not in
// the file, because code that runs outside tests counts as run by every test.
beforeEach(async () => {
  warmUp ??= runSeed({ seed: 0 });
  await warmUp;
});

describe('the promises of the protocol', () => {
  test.each(Object.entries(SCENARIOS))('are kept in %s', async (_name, { play, ...options }) => {
    const stage = new Stage(
      { ...extraRoom, ...ledger, ...rebuilding, ...batch, ...services, ...releases, ...releaseServices, ...sweeping },
      options,
    );
    await play(stage);
    await expect(stage.end()).resolves.toBeUndefined();
  });

  test('are kept whatever happens to any one call', async () => {
    expect((await sweepOnce()).violations).toEqual([]);
  });

  // A test has ten seeds, so that a mutant that is killed by the first ten is not run with the others.
  test.each(Array.from({ length: SEEDS / 10 }, (_, ten) => ten * 10 + 1))(
    'are kept in ten seeds from %i',
    async (from) => {
      for (let seed = from; seed < from + 10; seed++) {
        expect((await runSeed({ seed })).violation).toBeUndefined();
      }
    },
  );
});
