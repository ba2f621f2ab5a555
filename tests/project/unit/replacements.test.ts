import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig } from '@smithy/node-config-provider';
import { classifyFailure } from '../../../lib/platform/classify-failure.ts';
import { defaultProvider } from '../../../scripts/bundling/replacements/credentials-of-environment.ts';
import { resolveEndpointDiscoveryConfig } from '../../../scripts/bundling/replacements/endpoint-discovery.ts';
import {
  EventStreamMarshaller,
  EventStreamSerde,
  eventStreamSerdeProvider,
} from '../../../scripts/bundling/replacements/event-streams.ts';
import { getInstanceMetadataRegion } from '../../../scripts/bundling/replacements/instance-metadata.ts';
import { search } from '../../../scripts/bundling/replacements/jmespath.ts';
import { fromSharedConfigFiles } from '../../../scripts/bundling/replacements/shared-config-files.ts';

const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);

beforeEach(() => {
  process.env.AWS_ACCESS_KEY_ID = 'id';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  process.env.AWS_SESSION_TOKEN = 'token';
});

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test('a function reads its credentials from the environment', async () => {
  const read = await defaultProvider()();
  expect(read).toMatchObject({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' });
});

test('credentials that change in the environment are read again', async () => {
  const provide = defaultProvider();
  await provide();
  process.env.AWS_ACCESS_KEY_ID = 'later';
  expect(await provide()).toMatchObject({ accessKeyId: 'later' });
});

test('the error names the variable that is missing', async () => {
  delete process.env.AWS_SECRET_ACCESS_KEY;
  const reading = defaultProvider()();
  await expect(reading).rejects.toThrow('The environment has no AWS_SECRET_ACCESS_KEY. Lambda sets this variable');
});

test('the error names all variables that are missing', async () => {
  delete process.env.AWS_ACCESS_KEY_ID;
  process.env.AWS_SECRET_ACCESS_KEY = '';
  const reading = defaultProvider()();
  await expect(reading).rejects.toThrow('The environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
});

test('a call without credentials counts as never sent', async () => {
  delete process.env.AWS_ACCESS_KEY_ID;
  const error = await defaultProvider()().catch((thrown: unknown) => thrown);
  expect(classifyFailure(error, true).kind).toBe('ambiguous');
  expect(classifyFailure(error, false).kind).toBe('never-sent');
});

test('settings come from the defaults if the environment has none', async () => {
  const selectors = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined };
  await expect(loadConfig({ ...selectors, default: 'standard' })()).resolves.toBe('standard');
  await expect(fromSharedConfigFiles()()).rejects.toMatchObject({ tryNextLink: true });
  await expect(getInstanceMetadataRegion()).resolves.toBeUndefined();
});

test('code that reaches a part that is left out throws an error that says so', () => {
  expect(() => search('powertools_json(body)')).toThrow('JMESPath expressions such as "powertools_json(body)"');
  expect(() => new EventStreamSerde()).toThrow('no code for streams of events');
  expect(() => new EventStreamMarshaller()).toThrow('no code for streams of events');
  expect(eventStreamSerdeProvider).toThrow('no code for streams of events');
});

test('endpoint discovery leaves the configuration of a client as it is', () => {
  const config = { region: 'eu-west-1' };
  expect(resolveEndpointDiscoveryConfig(config)).toBe(config);
});
