import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { connectLocally, findDeployment } from '../../../client/deployment.ts';
import { contextWithoutDeployment, runInProcess } from '../../support/run-in-process.ts';

test('for a deployed stage, env prints its region and addresses, but no endpoint and no credentials', async () => {
  const context = {
    ...contextWithoutDeployment(),
    findDeployment: async () => ({
      ...(await findDeployment({ stage: 'prod', region: 'eu-west-1' })),
      queueUrl: async (queue: string) => `https://sqs/greenroom-prod-${queue}`,
      manifestBucket: async () => 'bucket',
      completionTopicArn: async () => 'arn:topic',
    }),
  };
  expect(await runInProcess(['env', '--stage', 'prod'], context)).toEqual({
    code: 0,
    err: '',
    out: `export AWS_REGION='eu-west-1'
export AWS_DEFAULT_REGION='eu-west-1'
export GREENROOM_STAGE='prod'
export GREENROOM_INTERACTIVE_QUEUE_URL='https://sqs/greenroom-prod-interactive'
export GREENROOM_BULK_QUEUE_URL='https://sqs/greenroom-prod-bulk'
export GREENROOM_LIVE_EVENTS_QUEUE_URL='https://sqs/greenroom-prod-live-events'
export GREENROOM_MANIFEST_BUCKET='bucket'
export GREENROOM_COMPLETION_TOPIC_ARN='arn:topic'
`,
  });
});

test('for the local stack, env removes everything that would direct a program elsewhere', async () => {
  const context = {
    ...contextWithoutDeployment(),
    findDeployment: async () => ({
      ...connectLocally({ endpoint: 'http://localhost:4566', region: 'eu-west-1' }),
      queueUrl: async (queue: string) => `http://localhost:4566/${queue}`,
      manifestBucket: async () => 'bucket',
      completionTopicArn: async () => 'arn:topic',
    }),
  };
  const { out } = await runInProcess(['env'], context);
  const elsewhere = {
    AWS_PROFILE: 'prod',
    AWS_DEFAULT_PROFILE: 'prod',
    AWS_SESSION_TOKEN: 'token',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_ENDPOINT_URL_SQS: 'https://sqs.eu-west-1.amazonaws.com',
    AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com',
  };
  const left = execFileSync('/bin/sh', ['-c', `${out}\n/usr/bin/env`], { env: elsewhere, encoding: 'utf8' });
  expect(Object.keys(elsewhere).filter((name) => left.includes(`${name}=`))).toEqual([]);
  expect(left).toContain('AWS_ENDPOINT_URL=http://localhost:4566\n');
});
