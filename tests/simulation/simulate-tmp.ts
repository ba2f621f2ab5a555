import { runSeed } from './run-seed.ts';
import { installVirtualTime } from './virtual-time.ts';

installVirtualTime();
const n = Number(process.argv[2] ?? 20);
const from = Number(process.argv[3] ?? 1);
const t0 = process.hrtime.bigint();
const faults: Record<string, number> = {};
let bad = 0;
const calls: Record<string, number> = {};
for (let seed = from; seed < from + n; seed++) {
  const r = await runSeed({ seed, traced: n === 1 });
  for (const [k, v] of Object.entries(r.faults)) faults[k] = (faults[k] ?? 0) + v;
  for (const [k, v] of Object.entries(r.calls)) calls[k] = (calls[k] ?? 0) + v;
  if (r.violation) {
    bad++;
    if (bad < 10) console.log(seed, r.violation.slice(0, 800));
  }
  if (n === 1) console.log(r.trace!.join('\n'));
}
console.log(faults, calls, bad, 'bad;', n / (Number(process.hrtime.bigint() - t0) / 1e9), 'seeds/s');
