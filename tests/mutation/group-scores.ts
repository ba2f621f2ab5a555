/** Prints the score of each group of the code after `npm run mutation`. The exit code is 1 if a score is below the configured one. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The same score as `thresholds.break` of stryker.config.js, which applies to the sum of the groups. */
const LEAST_SCORE = 85;

interface Report {
  files: Record<string, { mutants: { status: string }[] }>;
}

const { files }: Report = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'));
const groups = Map.groupBy(Object.entries(files), ([path]) => dirname(path));
for (const [group, members] of groups) {
  const statuses = members.flatMap(([, { mutants }]) => mutants.map(({ status }) => status));
  const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const all = killed + count('Survived', 'NoCoverage');
  const score = all === 0 ? 100 : (100 * killed) / all;
  console.log(
    `${score.toFixed(1).padStart(6)}%  ${String(killed).padStart(5)} of ${String(all).padStart(5)}  ${group}`,
  );
  if (score < LEAST_SCORE) process.exitCode = 1;
}
