import { expect, test } from '@jest/globals';
import { FIRST_NODE, unsupportedNode } from '../../../cli/node-version.ts';
import packageJson from '../../../package.json' with { type: 'json' };

test('the command line supports the versions of Node that the package requires', () => {
  expect(packageJson.engines.node).toBe(`>=${FIRST_NODE}`);
});

test.each(['22.18.0', '22.19.1', '24.0.0', '26.1.0-nightly'])('Node %s is supported', (version) => {
  expect(unsupportedNode(version)).toBeUndefined();
});

test.each(['22.17.1', '22.2.0', '20.20.2', '8.0.0'])('Node %s is not supported', (version) => {
  expect(unsupportedNode(version)).toMatch(`needs Node 22.18 or later, and this is Node ${version} (`);
});
