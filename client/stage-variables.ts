import type { Deployment } from './deployment.ts';
import { LOCAL_STAGE } from './local-stage.ts';

/** The variables with which a program finds a stage. */
export interface StageVariables {
  values: Record<string, string>;
  /** Variables that would direct the program elsewhere, and must not be set. */
  removed: readonly string[];
}

/**
 * Some SDKs prefer the credentials of a profile to those of the environment, and send a session token with any credentials. If one of the
 * other variables is set, an SDK would ignore AWS_ENDPOINT_URL and call AWS, or look for an endpoint that the stack does not have:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
const REMOVED = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  ...['DYNAMODB', 'IVSCHAT', 'S3', 'SNS', 'SQS'].map((service) => `AWS_ENDPOINT_URL_${service}`),
];

/** For the local stack, the endpoint, its credentials and its addresses. For a deployed stage, only the region and the addresses. */
export async function stageVariables(deployment: Deployment): Promise<StageVariables> {
  const addresses = await addressesOf(deployment);
  if (deployment.stage !== LOCAL_STAGE) return { values: addresses, removed: [] };
  return { values: { ...(await localAccess(deployment)), ...addresses }, removed: REMOVED };
}

/** The environment of a program that uses the stage: the variables of this process, with those of the stage. */
export function withVariables(environment: NodeJS.ProcessEnv, { values, removed }: StageVariables): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !removed.includes(name));
  return { ...Object.fromEntries(kept), ...values };
}

/** The variables that the AWS CLI and the SDKs need in order to call the local stack. */
async function localAccess({ sqs }: Deployment): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = await sqs.config.credentials();
  const endpoint = await sqs.config.endpoint?.();
  if (endpoint === undefined) throw new Error('The local stack has no endpoint');
  const { protocol, hostname, port = '' } = endpoint;
  return {
    AWS_ENDPOINT_URL: `${protocol}//${hostname}:${port}`,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

/** The addresses that senders and consumers use, under the names that the functions use too. */
async function addressesOf(deployment: Deployment): Promise<Record<string, string>> {
  const { stage, region, queueUrl } = deployment;
  const [interactive, bulk, liveEvents, bucket, topic] = await Promise.all([
    queueUrl('interactive'),
    queueUrl('bulk'),
    queueUrl('live-events'),
    deployment.manifestBucket(),
    deployment.completionTopicArn(),
  ]);
  return {
    AWS_REGION: region,
    // The AWS CLI and the SDK for Python read only this variable.
    AWS_DEFAULT_REGION: region,
    GREENROOM_STAGE: stage,
    GREENROOM_INTERACTIVE_QUEUE_URL: interactive,
    GREENROOM_BULK_QUEUE_URL: bulk,
    GREENROOM_LIVE_EVENTS_QUEUE_URL: liveEvents,
    GREENROOM_MANIFEST_BUCKET: bucket,
    GREENROOM_COMPLETION_TOPIC_ARN: topic,
  };
}
