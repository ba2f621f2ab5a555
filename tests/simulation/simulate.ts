/** `npm run simulate`: runs many seeds of the simulation, or one seed with its trace. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import { type Disturbed, sweepOnce, sweepTwice } from './crash-sweep.ts';
import { FAULT_KINDS, noFaults } from './faults.ts';
import { findMissingRules, RELEASE_RULES } from './missing-rules.ts';
import { type RunResult, runSeed } from './run-seed.ts';

const HELP = `npm run simulate -- [options]

Runs the real message handling and the real SDK clients with services in memory and a virtual clock. Random faults,
drawn from a seed, crash workers, lose answers, delay effects and deliver messages twice. Promises are checked during the run.

  --seeds N   the number of seeds to run (default 1000)
  --from N    the first seed (default 1)
  --seed N    run only this seed, and print its trace
  --jobs N    how many seeds to run in parallel (default: one per processor)
  --sweep     instead of random faults, run one fault at each call in turn, and then each pair of faults
  --controls  remove one rule of room release after the other, and run seeds until a promise is broken
  --rule NAME with --controls: only this rule, for example release.KEEP
  --help

Exits with 1 if a run has broken a promise. A seed gives the same run until the code or the simulation changes.
`;

// A run with one fault has about twenty calls. Faults that are further apart than this are independent of each other.
const PAIR_REACH = 14;

interface Share {
  from: number;
  step: number;
  end: number;
}

const options = readOptions();

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        sweep: { type: 'boolean', default: false },
        controls: { type: 'boolean', default: false },
        rule: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { seeds, from, seed, jobs, sweep, controls, rule, help } = values;
    return {
      seeds: wholeNumber('seeds', seeds),
      from: wholeNumber('from', from),
      seed: seed === undefined ? undefined : wholeNumber('seed', seed),
      jobs: wholeNumber('jobs', jobs),
      sweep,
      controls,
      rules: rule === undefined ? RELEASE_RULES : [knownRule(rule)],
      help,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n(for help: npm run simulate -- --help)`);
    process.exit(2);
  }
}

function knownRule(name: string): string {
  if (!RELEASE_RULES.includes(name)) throw new Error(`--rule must be one of ${RELEASE_RULES.join(', ')}`);
  return name;
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} must be a whole number of at least 1, but is ${text}`);
  return Number(text);
}

/** The SDK reads its configuration files when it is first used, and a virtual clock cannot wait for a disk. */
async function warmUp(): Promise<void> {
  await runSeed({ seed: 0 });
}

async function runShare({ from, step, end }: Share, report: (result: RunResult) => void): Promise<void> {
  await warmUp();
  for (let seed = from; seed < end; seed += step) report(await runSeed({ seed }));
}

async function replay(seed: number): Promise<boolean> {
  await warmUp();
  const { trace, violation } = await runSeed({ seed, traced: true });
  console.log(trace?.join('\n'));
  console.log(violation ?? 'Every promise was kept.');
  return violation === undefined;
}

async function controlAll(rules: readonly string[], from: number, seeds: number): Promise<boolean> {
  await warmUp();
  const missed: string[] = [];
  await findMissingRules(rules, { from, seeds }, ({ rule, takenOut, seed, violation }) => {
    console.log(`${rule}: ${violation === undefined ? 'NOT FOUND' : `seed ${seed}: ${violation}`} (${takenOut})`);
    if (violation === undefined) missed.push(rule);
  });
  console.log(`${rules.length - missed.length} of ${rules.length} found in at most ${seeds} seeds`);
  return missed.length === 0;
}

async function sweepAll(): Promise<boolean> {
  await warmUp();
  const isKept = await sweepCalls('requests');
  return (await sweepCalls('releases')) && isKept;
}

async function sweepCalls(disturbed: Disturbed): Promise<boolean> {
  const once = await sweepOnce({}, disturbed);
  console.log(`${disturbed}, one fault: ${once.points} points, ${once.violations.length} violations`);
  const twice = await sweepTwice(PAIR_REACH, {}, disturbed);
  console.log(
    `${disturbed}, two faults, up to ${PAIR_REACH} calls apart: ${twice.points} points, ${twice.violations.length} violations`,
  );
  for (const { violation } of [...once.violations, ...twice.violations].slice(0, 20)) console.log(violation);
  return once.violations.length + twice.violations.length === 0;
}

async function runAll(from: number, count: number, jobs: number): Promise<boolean> {
  const startedMs = performance.now();
  const faults = noFaults();
  const violations: RunResult[] = [];
  let done = 0;
  const report = (result: RunResult) => {
    for (const kind of FAULT_KINDS) faults[kind] += result.faults[kind];
    if (result.violation !== undefined) violations.push(result);
    done += 1;
    if (done % 500 === 0) process.stderr.write(`${done} of ${count} seeds, ${violations.length} violations\n`);
  };
  const shares = Array.from({ length: jobs }, (_, job) => ({ from: from + job, step: jobs, end: from + count }));
  await Promise.all(shares.map((share) => runInThread(share, report)));

  const seconds = (performance.now() - startedMs) / 1000;
  for (const kind of FAULT_KINDS) console.log(`${String(faults[kind]).padStart(8)}  ${kind}`);
  for (const { seed, violation } of violations.slice(0, 20)) console.log(`seed ${seed}: ${violation}`);
  if (violations[0]) console.log(`To see the trace of one: npm run simulate -- --seed ${violations[0].seed}`);
  console.log(
    `${count} seeds in ${seconds.toFixed(0)} s: ${(count / seconds).toFixed(1)} seeds a second, ${violations.length} violations`,
  );
  return violations.length === 0;
}

function runInThread(share: Share, report: (result: RunResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', report);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}

installVirtualTime();
if (parentPort) {
  const port = parentPort;
  await runShare(workerData, (result) => port.postMessage(result));
} else if (options.help) {
  console.log(HELP);
} else {
  process.exitCode = (await runWhatIsAsked()) ? 0 : 1;
}

function runWhatIsAsked(): Promise<boolean> {
  if (options.controls) return controlAll(options.rules, options.from, options.seeds);
  if (options.sweep) return sweepAll();
  if (options.seed !== undefined) return replay(options.seed);
  return runAll(options.from, options.seeds, options.jobs);
}
