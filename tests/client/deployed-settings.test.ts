import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { createCallGuard } from '../../client/calls/call-guard.ts';
import { findDeployment } from '../../client/deployment.ts';
import { explainError } from '../../client/explain-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'greenroom-settings-'));
const before = { ...process.env };

afterEach(() => {
  process.env = { ...before };
});

afterAll(() => rmSync(directory, { recursive: true }));

const SESSION = `[profile expired]
sso_start_url = https://example.com/start
sso_region = us-east-1
sso_account_id = 000000000000
sso_role_name = operator
`;
const KEYS = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
const NOWHERE = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };

test.each([
  [
    'a profile that does not exist',
    { AWS_PROFILE: 'nowhere' },
    /^No AWS credentials for the profile nowhere \(AWS_PROFILE\): sign in.*or check that the profile exists/,
  ],
  [
    'an expired session',
    { AWS_PROFILE: 'expired' },
    /^No AWS credentials for the profile expired .*`aws sso login --profile expired`/,
  ],
  ['no credentials', {}, /^No AWS credentials: sign in, or set AWS_PROFILE/],
  [
    'FIPS at a custom endpoint',
    { ...KEYS, ...NOWHERE, AWS_USE_FIPS_ENDPOINT: 'true' },
    /^A custom endpoint has no FIPS or dual-stack variant: unset AWS_ENDPOINT_URL, or AWS_USE_FIPS_ENDPOINT/,
  ],
  [
    'dual-stack at a custom endpoint',
    { ...KEYS, ...NOWHERE, AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    /^A custom endpoint has no FIPS or dual-stack variant/,
  ],
  ['wrong retries', { ...KEYS, AWS_MAX_ATTEMPTS: 'many' }, /^AWS_MAX_ATTEMPTS must be a whole number/],
])('a deployed stage with %s fails with one line that names the remedy', async (what, variables, expected) => {
  const file = join(directory, what.replaceAll(' ', '-'));
  writeFileSync(file, SESSION);
  const files = { AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: file };
  process.env = { ...files, AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true', ...variables };
  const asked = async () => {
    const calls = createCallGuard({ environment: process.env });
    await (await findDeployment({ stage: 'prod' }, { calls })).queueUrl('bulk');
  };
  const message = await asked().then(() => 'no error', explainError);
  expect(message).toMatch(expected);
  expect(message).not.toContain('\n');
});
