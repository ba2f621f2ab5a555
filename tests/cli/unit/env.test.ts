import { expect, test } from '@jest/globals';
import { findDeployment } from '../../../client/deployment.ts';
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
