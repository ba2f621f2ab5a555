import { systemClock } from '../../lib/platform/clock.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { TABLES } from '../protocol/tables.ts';
import { installVariants, loadProvisioning, type Provisioning } from '../protocol/variants.ts';
import { configOf } from './expiry.ts';
import { logOf, type RunOptions, runSeed } from './run-seed.ts';

/** The first seed that breaks a promise without a rule; undefined if none does. */
export interface Finding {
  rule: string;
  takenOut: string;
  seed?: number;
  violation?: string;
}

/** The rules of room release, and wrong implementations of it. */
export const RELEASE_RULES = Object.keys(TABLES.release);

/**
 * Removes one rule of room release after the other, and runs seeds until a promise is broken. May be called only once.
 * @param report is told of each rule as soon as its result is known
 */
export async function findMissingRules(
  rules: readonly string[],
  { from, seeds }: { from: number; seeds: number },
  report: (finding: Finding) => void,
): Promise<void> {
  installVariants();
  for (const [rule, { takenOut, cuts }] of Object.entries(TABLES.release).filter(([name]) => rules.includes(name))) {
    const product = await loadProvisioning({ name: `simulation-${rule}`, cuts });
    report({ rule, takenOut, ...(await firstViolation(handlesOf(product), from, seeds)) });
  }
}

async function firstViolation(handles: Partial<RunOptions>, from: number, seeds: number) {
  for (let seed = from; seed < from + seeds; seed++) {
    const { violation } = await runSeed({ seed, ...handles });
    if (violation !== undefined) return { seed, violation };
  }
  return {};
}

/** The work of a changed product. */
function handlesOf(product: Provisioning): Pick<RunOptions, 'handle' | 'release' | 'sweep'> {
  const common = { clock: systemClock, meter: silentMeter };
  return {
    handle: (event, context, { world, clients, deadLetters }) => {
      const own = { config: configOf(world), clients, random: world.random, log: logOf(world) };
      const services = product.createServices({ ...common, ...own });
      return product.processBatch(event, context, services, { deadLetters });
    },
    release: (context, platform) => product.releaseRooms(context, product.createReleaseServices(platform)),
    sweep: product.sweepRegion,
  };
}
