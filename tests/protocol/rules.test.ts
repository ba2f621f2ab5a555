import { beforeAll, describe, expect, test } from '@jest/globals';
import { startChild } from '../support/run-child.ts';
import { makeCuts } from './cut.ts';
import type { Ending } from './ending.ts';
import { scenariosInSpecification } from './release-table.ts';
import { SCENARIOS } from './scenarios.ts';
import { TABLES } from './tables.ts';

const TABLE = { ...TABLES.ledger, ...TABLES.release };

let endings: Ending[];

/** The scenarios run in a separate process, because rules are removed while Node loads the source, which is not possible in Jest. */
beforeAll(async () => {
  endings = (await Promise.all(Object.keys(TABLES).map(playAll))).flat();
}, 240_000);

async function playAll(protocol: string): Promise<Ending[]> {
  const child = startChild(['tests/protocol/run-scenario.ts', '--all', protocol], { cwd: process.cwd() });
  expect([await child.ended, child.stderr]).toEqual([0, '']);
  return child.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function endingOf(scenario: string, without?: string): Ending | undefined {
  return endings.find((ending) => ending.scenario === scenario && ending.without === without);
}

describe.each(Object.entries(TABLE))('%s', (rule, { scenario, takenOut, violation }) => {
  test(`${scenario}: every promise is kept`, () => {
    expect(endingOf(scenario)).toEqual({ scenario });
  });

  test(`${scenario}: a promise is broken if ${takenOut}`, () => {
    expect(endingOf(scenario, rule)).toEqual({
      scenario,
      without: rule,
      violation: expect.stringMatching(violation),
    });
  });
});

describe('the table of rules', () => {
  test('uses every scenario', () => {
    const used = Object.values(TABLE).map(({ scenario }) => scenario);
    expect([...new Set(used)].sort()).toEqual(Object.keys(SCENARIOS).sort());
  });

  test('is that of the specification of releases', () => {
    const rules = Object.entries(TABLES.release);
    // A rule may have several scenarios: AGAIN and AGAIN-takeover.
    const byName = Map.groupBy(rules, ([rule]) => rule.replace(/^release\./, '').replace(/-\w+$/, ''));
    const scenarios = [...byName].map(([name, group]) => [name, group.map(([, { scenario }]) => scenario)]);
    expect(scenariosInSpecification()).toEqual(Object.fromEntries(scenarios));
  });

  test.each([
    ['not in the file', 'gone', 0],
    ['in the file twice', 'twice', 2],
  ])('is checked: a string that is %s is an error', (_how, find, times) => {
    const cut = { file: 'ledger/claim.ts', find, replacement: '' };
    expect(() => makeCuts('twice and twice', [cut])).toThrow(
      `lib/ledger/claim.ts contains this text ${times} times instead of once: ${find}`,
    );
  });

  test('replaces a string that is in the file exactly once', () => {
    expect(makeCuts('a && b', [{ file: 'x.ts', find: ' && b', replacement: " // $&'" }])).toBe("a // $&'");
  });
});
