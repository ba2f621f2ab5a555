import { expect, test } from '@jest/globals';
import { typed } from '../../client/typed-command.ts';

// `npm exec` of npm 10, of npm 11, and of npm 11 on Windows.
test.each(['greenroom', 'greenroom watch', "'greenroom'", "'greenroom' 'watch'", '"greenroom"'])(
  'a command is named with npx if npm has run %s',
  (npm_lifecycle_script) => {
    expect(typed('jobs', { npm_lifecycle_event: 'npx', npm_lifecycle_script })).toBe('npx greenroom jobs');
  },
);

test.each([{}, { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'jest' }, { npm_lifecycle_script: 'greenroom' }])(
  'a command is named without npx in the environment %j',
  (environment) => {
    expect(typed('jobs', environment)).toBe('greenroom jobs');
  },
);
