import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const code = globSync('lib/**/*.ts').map((file) => readFileSync(file, 'utf8'));

/** The quoted phrases for which the commands of a document search the logs. */
function phrasesIn(text: string): string[] {
  const patterns = [...text.matchAll(/--filter-pattern '([^']*)'/g)].map(([, pattern = '']) => pattern);
  return patterns.flatMap((pattern) => [...pattern.matchAll(/"([^"]*)"/g)].map(([, phrase = '']) => phrase));
}

/** The phrases that no function writes. */
const neverWritten = (phrases: string[]) => phrases.filter((phrase) => !code.some((text) => text.includes(phrase)));

test('the functions write the phrases for which the operations guide searches their logs', () => {
  const phrases = phrasesIn(readFileSync('docs/operations.md', 'utf8'));
  expect(phrases.length).toBeGreaterThan(5);
  expect(neverWritten(phrases)).toEqual([]);
});

test('the control: a phrase that no function writes is found', () => {
  const command = `aws logs tail group --filter-pattern '?"Message postponed" ?"A room is extra"'`;
  expect(neverWritten(phrasesIn(command))).toEqual(['A room is extra']);
});
