/**
 * Writes the names and links of the time-zone database that greenroom accepts. Intl does not show which of the names that it accepts are in the
 * database (it reads BST as Dhaka), and it does not list links (UTC, Asia/Kolkata). Every release of tzdata has all of them in tzdata.zi.
 *
 *     node scripts/generate-time-zones.ts [--from /usr/share/zoneinfo/tzdata.zi]
 *     node scripts/generate-time-zones.ts --check      writes nothing; exits 1 if a name is missing from the list
 *
 * Names are added to the database, never removed. A list from a later release passes the check of an earlier one.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TIME_ZONE_NAMES } from '../lib/contract/time-zone-names.ts';

const OUTPUT = join(import.meta.dirname, '../lib/contract/time-zone-names.ts');
/** The zone of a clock that was never set. */
const NO_ZONES = new Set(['Factory']);

const { values: flags } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    from: { type: 'string', default: '/usr/share/zoneinfo/tzdata.zi' },
  },
});
if (!existsSync(flags.from)) {
  console.error(`${flags.from} does not exist: install tzdata, or name a tzdata.zi with --from`);
  process.exitCode = flags.check ? 0 : 1;
} else {
  const lines = readFileSync(flags.from, 'utf8').split('\n');
  const names = namesIn(lines);
  const missing = names.filter((name) => !TIME_ZONE_NAMES.includes(name));
  if (!flags.check) writeFileSync(OUTPUT, moduleText(names, /^# version (\S+)/.exec(lines[0] ?? '')?.[1] ?? 'unknown'));
  else if (missing.length > 0) {
    console.error(`Not in the list: ${missing.join(', ')}. Run node scripts/generate-time-zones.ts`);
    process.exitCode = 1;
  }
}

/** `Z NAME …` begins a zone, `L TARGET NAME` is a link (zic(8)). */
function namesIn(lines: string[]): string[] {
  const names = lines.flatMap((line) => {
    const [kind, first = '', second = ''] = line.split(' ');
    return kind === 'Z' ? [first] : kind === 'L' ? [second] : [];
  });
  return [...new Set(names)].filter((name) => !NO_ZONES.has(name)).sort();
}

function moduleText(names: string[], version: string): string {
  const byArea = Map.groupBy(names, (name) => (name.includes('/') ? name.slice(0, name.indexOf('/') + 1) : ''));
  const areas = [...byArea].map(
    ([area, all]) => `  '${area}': '${all.map((name) => name.slice(area.length)).join(' ')}',`,
  );
  return `// Written by scripts/generate-time-zones.ts from tzdata ${version}. By area, to keep the bundles small.
const NAMES_BY_AREA = {
${areas.join('\n')}
};

/** The names and links of the time-zone database. */
export const TIME_ZONE_NAMES: readonly string[] = Object.entries(NAMES_BY_AREA).flatMap(([area, names]) =>
  names.split(' ').map((name) => area + name),
);
`;
}
