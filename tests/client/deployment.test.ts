import { describe, expect, test } from '@jest/globals';
import { findDeployment } from '../../client/deployment.ts';

describe('the region of rooms whose request has no region', () => {
  test.each([
    ['the region of the stage', { region: 'eu-central-1' }, 'eu-central-1'],
    ['the given default region', { region: 'eu-central-1', defaultRegion: 'us-east-1' }, 'us-east-1'],
    [
      'the given default region, for a stage in a region without IVS Chat',
      { region: 'eu-west-2', defaultRegion: 'us-east-1' },
      'us-east-1',
    ],
  ] as const)('is %s', async (_title, place, expected) => {
    const deployment = await findDeployment({ stage: 'prod', ...place });
    deployment.close();
    expect(deployment.region).toBe(place.region);
    expect(deployment.defaultRegion()).toBe(expected);
  });

  test('must be given for a stage in a region without IVS Chat if a command needs it', async () => {
    const deployment = await findDeployment({ stage: 'prod', region: 'eu-west-2' });
    deployment.close();
    expect(() => deployment.defaultRegion()).toThrow(
      /IVS Chat is not available in eu-west-2.*--default-region \(us-east-1, /,
    );
  });
});
