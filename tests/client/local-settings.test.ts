import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ListTopicsCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectLocally } from '../../client/deployment.ts';
import { openDoctorClients } from '../../client/operate/doctor/clients.ts';

const directory = mkdtempSync(join(tmpdir(), 'greenroom-settings-'));
const server = createServer((_request, response) => {
  requestCount += 1;
  response.writeHead(400).end();
});
const before = { ...process.env };
let requestCount = 0;
let endpoint: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  process.env = { ...before };
  requestCount = 0;
});

afterAll(() => {
  rmSync(directory, { recursive: true });
  server.closeAllConnections();
  server.close();
});

const FILE = `[default]
use_fips_endpoint = true
use_dualstack_endpoint = true
endpoint_url = http://nowhere.invalid
max_attempts = many
retry_mode = stubborn
defaults_mode = unknown
request_checksum_calculation = never

[profile expired]
sso_start_url = https://example.com/start
sso_region = us-east-1
sso_account_id = 000000000000
sso_role_name = operator
`;

function fileWith(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

const ENVIRONMENTS: [string, Record<string, string>][] = [
  ['FIPS endpoints', { AWS_USE_FIPS_ENDPOINT: 'true' }],
  ['dual-stack endpoints', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
  ['other endpoints', { AWS_ENDPOINT_URL: 'http://a.invalid', AWS_ENDPOINT_URL_SQS: 'http://b.invalid' }],
  ['a profile that does not exist', { AWS_PROFILE: 'nowhere', AWS_CONFIG_FILE: fileWith('one', FILE) }],
  ['an expired session', { AWS_PROFILE: 'expired', AWS_CONFIG_FILE: fileWith('two', FILE) }],
  ['a file that cannot be read', { AWS_CONFIG_FILE: directory, AWS_SHARED_CREDENTIALS_FILE: directory }],
  ['a file with such settings', { AWS_CONFIG_FILE: fileWith('three', FILE) }],
  ['retries that do not exist', { AWS_MAX_ATTEMPTS: 'many', AWS_RETRY_MODE: 'stubborn', AWS_DEFAULTS_MODE: 'none' }],
  ['a proxy', { HTTPS_PROXY: 'http://proxy.invalid:3128', HTTP_PROXY: 'http://proxy.invalid:3128' }],
];

describe('the local stage is reached although the environment names', () => {
  test.each(ENVIRONMENTS)('%s', async (_what, variables) => {
    Object.assign(process.env, variables);
    const local = connectLocally({ endpoint, region: 'eu-west-1' });
    const doctor = await openDoctorClients(local);
    const calls = [
      local.sqs.send(new GetQueueUrlCommand({ QueueName: 'any' })),
      local.sns.send(new ListTopicsCommand({})),
      local.dynamodb.send(new GetItemCommand({ TableName: 'any', Key: { id: { S: 'any' } } })),
      local.s3.send(new GetObjectCommand({ Bucket: 'any', Key: 'any' })),
      local.ivsChat('eu-west-1').send(new ListRoomsCommand({})),
      doctor.cloudFormation.listStacks(),
      doctor.cloudWatch.listMetrics(),
      doctor.sts.getCallerIdentity(),
      doctor.lambda('eu-west-1').listFunctions(),
      doctor.serviceQuotas('eu-west-1').listServices(),
      doctor.sns('eu-west-1').listTopics(),
    ];
    await Promise.allSettled(calls);
    doctor.close();
    local.close();
    expect(requestCount).toBe(calls.length);
  });

  test("which would stop the SDK's own client", async () => {
    process.env.AWS_USE_FIPS_ENDPOINT = 'true';
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const sqs = new SQSClient({ endpoint, region: 'eu-west-1', credentials });
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'any' }))).rejects.toThrow(/FIPS/);
    expect(requestCount).toBe(0);
  });
});
