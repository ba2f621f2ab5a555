import { describe, expect, test } from '@jest/globals';
import { typed } from '../../client/typed-command.ts';

describe('a command in a hint', () => {
  // `npm exec` of npm 10, of npm 11, and of npm 11 on Windows.
  test.each(['greenroom', 'greenroom watch', "'greenroom'", "'greenroom' 'watch'", '"greenroom"'])(
    'has npx if npm has run %s',
    (npm_lifecycle_script) => {
      const environment = { npm_lifecycle_event: 'npx', npm_lifecycle_script };
      expect(typed('jobs', { environment })).toBe('npx greenroom jobs');
    },
  );

  test.each([{}, { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'jest' }, { npm_lifecycle_script: 'greenroom' }])(
    'has no npx in the environment %j',
    (environment) => {
      expect(typed('jobs', { environment })).toBe('greenroom jobs');
    },
  );

  const PROGRAM = '/checkout/node_modules/.bin/greenroom';

  test.each<[string[], string]>([
    [[PROGRAM, 'bulk', 'a.csv', '--stage', 'prod'], 'jobs --stage prod'],
    [['/checkout/dist/cli/greenroom.js', 'bulk', '--stage=prod'], 'jobs --stage prod'],
    [[PROGRAM, 'bulk', '--region', 'us-east-1', '--stage', 'prod'], 'jobs --stage prod --region us-east-1'],
    [[PROGRAM, 'bulk', 'a.csv'], 'jobs'],
    [[PROGRAM, 'bulk', 'a.csv', '--stage', 'local'], 'jobs'],
    [[PROGRAM, 'bulk', '--stage', 'a b'], 'jobs'],
    [[PROGRAM, 'bulk', '--stage'], 'jobs'],
    // A program that uses the client as a library.
    [['/app/server.js', '--stage', 'prod'], 'jobs'],
  ])('names the stage of %j', ([program = '', ...args], expected) => {
    expect(typed('jobs', { environment: {}, argv: ['node', program, ...args] })).toBe(`greenroom ${expected}`);
  });

  test.each(['send --help', 'pace resume us-east-1 --stage dev'])('stays %s', (words) => {
    const argv = ['node', PROGRAM, 'bulk', '--stage', 'prod'];
    expect(typed(words, { environment: {}, argv })).toBe(`greenroom ${words}`);
  });
});
