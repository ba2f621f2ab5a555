import { describe, expect, test } from '@jest/globals';
import { runShell } from '../game-day/shell.ts';
import { matchesFilter } from '../logs.ts';

/** Prints the words of a command as JSON. The command `say` prints its arguments and a line end, as programs do. */
const run = async ([name, ...words]: readonly string[]) =>
  name === 'say' ? `${words.join(' ')}\n` : JSON.stringify([name, ...words]);

describe('the shell of the simulated operator', () => {
  test.each([
    ['a  b', ['a', 'b']],
    [`a --pattern '"two words" ?$x'`, ['a', '--pattern', '"two words" ?$x']],
    ['a --url "$(say http://x)"', ['a', '--url', 'http://x']],
    [`a "$(say "y z" --query "Q[?N=='R'].[C,V]")/x"`, ['a', "y z --query Q[?N=='R'].[C,V]/x"]],
    [`a "Quotas[?Name=='Rooms'].[Code]"`, ['a', "Quotas[?Name=='Rooms'].[Code]"]],
  ])('reads %s', async (line, words) => {
    expect(JSON.parse(await runShell(line, run))).toEqual(words);
  });

  test.each(['a | b', 'a > b', 'a; b', 'a $x', 'a "$x"', 'a `b`', "a 'b", 'a &'])('refuses %s', async (line) => {
    await expect(runShell(line, run)).rejects.toThrow('cannot read');
  });
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
describe('a filter pattern of CloudWatch Logs', () => {
  test.each([
    ['', '{"level":"INFO"}', true],
    ['ERROR', '{"level":"ERROR"}', true],
    ['ERROR', '{"level":"error"}', false],
    ['ERROR', 'ERRORS', false],
    ['"Message postponed" us-west-2', '{"message":"Message postponed","region":"us-west-2"}', true],
    ['"Message postponed" us-west-2', '{"message":"Message postponed","region":"eu-west-1"}', false],
    ['?ERROR ?"received repeatedly"', '{"message":"Messages were received repeatedly"}', true],
    ['?ERROR ?"received repeatedly"', 'REPORT', false],
  ])('%s on %s: %s', (pattern, line, matches) => {
    expect(matchesFilter(line, pattern)).toBe(matches);
  });

  test.each(['-ERROR', '{ $.level = "ERROR" }', '[a, b]', '%ERR%'])('%s is not supported here', (pattern) => {
    expect(() => matchesFilter('line', pattern)).toThrow('not supported');
  });
});
