import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { READER_NAMES, readingOf } from './readings/readers.ts';

/**
 * The readings of 12 varied inputs per reader, as they were before the schemas were rewritten for `zod/mini` (decision 64). To record them
 * again after an intended change: RECORD_READINGS=1 npx jest tests/contract/recorded-readings
 */
const PATH = join(import.meta.dirname, '../fixtures/readings.json');
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

const readings = () =>
  Object.fromEntries(READER_NAMES.map((name) => [name, SEEDS.map((seed) => readingOf(name, seed))]));

if (process.env.RECORD_READINGS === '1') writeFileSync(PATH, `${JSON.stringify(readings(), null, 1)}\n`);
const recorded: Record<string, string[]> = JSON.parse(readFileSync(PATH, 'utf8'));

test.each(READER_NAMES)('%s: varied inputs are read as they were recorded, word for word', (name) => {
  expect(SEEDS.map((seed) => readingOf(name, seed))).toEqual(recorded[name]);
});

test('the recorded readings contain accepted inputs and refused ones', () => {
  expect(Object.keys(recorded)).toEqual(READER_NAMES);
  const texts = Object.values(recorded).flat();
  const refused = texts.filter((text) => /"problems":\[\{|"success":false|Error:/.test(text));
  expect(refused.length).toBeGreaterThan(100);
  expect(texts.length - refused.length).toBeGreaterThan(100);
});
