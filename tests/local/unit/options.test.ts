import { describe, expect, test } from '@jest/globals';
import { HELP, OPTION_TYPES, parseOptions } from '../../../local/start/options.ts';
import { swallowedOptionsProblem } from '../../../local/start/swallowed-options.ts';

test('--help describes every option', () => {
  expect(parseOptions(['--help'])).toBe('help');
  for (const option of Object.keys(OPTION_TYPES)) expect(HELP).toContain(`--${option}`);
  expect(HELP.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  ['an unknown option', ['--onec'], /Unknown option '--onec'/],
  ['a seed that is not a number', ['--seed', 'x'], /--seed must be a number/],
  ['an unknown isolation', ['--isolate', 'vm'], /--isolate must be "thread" or "process"/],
  [
    'an unknown rate',
    ['--schedules', 'often'],
    /--schedules must be a whole number of seconds, at least 1, or "declared"/,
  ],
  ['a rate of zero', ['--schedules', '0'], /--schedules must be a whole number of seconds, at least 1/],
  ['an unexpected argument', ['programme.ndjson'], /Unexpected argument 'programme.ndjson'/],
  ['each of several problems', ['--seed', 'x', '--port', '99999'], /^--seed .*; --port must be at most 65535/],
])('%s is named', (_what, args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test.each([
  [[], { atLeastEveryMs: 15_000 }],
  [['--schedules', '3'], { atLeastEveryMs: 3_000 }],
  [['--schedules', 'off'], 'off'],
  [['--schedules', 'declared'], 'declared'],
])('with %j, schedules are %j', (args, schedules) => {
  expect(parseOptions(args)).toMatchObject({ schedules });
});

test('the "--" that pnpm passes on is no argument', () => {
  expect(parseOptions(['--', '--once'])).toMatchObject({ once: true });
});

describe('options before "--", which npm passes on only as variables:', () => {
  const start = { npm_lifecycle_event: 'start' };

  // The variables are those that npm 11.19 sets for the command.
  test.each([
    ['npm start --once', { npm_config_once: 'true' }, [], '--once'],
    ['npm start --once -- --calm', { npm_config_once: 'true' }, ['--calm'], '--once --calm'],
    ['npm start --enforce-policies', { npm_config_enforce_policies: 'true' }, [], '--enforce-policies'],
    ['npm start --no-build', { npm_config_build: '' }, [], '--no-build'],
    ['npm start --file=own.json', { npm_config_file: 'own.json' }, [], '--file own.json'],
    ['npm start --port 80', { npm_config_port: 'true' }, ['80'], '--port 80'],
    [
      'npm start --port 80 --seed 4',
      { npm_config_port: 'true', npm_config_seed: 'true' },
      ['80', '4'],
      '--seed VALUE --port VALUE',
    ],
  ])('%s', (_command, variables, args, right) => {
    expect(swallowedOptionsProblem({ ...start, ...variables }, args)).toMatch(
      new RegExp(`Use:\\n {2}npm start -- ${right}$`),
    );
  });

  test('every option is noticed', () => {
    for (const option of Object.keys(OPTION_TYPES)) {
      const [, no, name = ''] = /^(no-)?(.*)$/.exec(option) ?? [];
      const variable = { [`npm_config_${name.replaceAll('-', '_')}`]: no ? '' : 'true' };
      expect(swallowedOptionsProblem({ ...start, ...variable }, [])).toContain(`--${option}`);
    }
  });

  test('other variables, and the variables of other commands, are no options', () => {
    expect(
      swallowedOptionsProblem({ ...start, npm_config_cache: '/cache', npm_config_registry: 'x' }, []),
    ).toBeUndefined();
    expect(swallowedOptionsProblem({ npm_lifecycle_event: 'test', npm_config_once: 'true' }, [])).toBeUndefined();
    expect(swallowedOptionsProblem({ npm_config_once: 'true' }, [])).toBeUndefined();
  });
});
