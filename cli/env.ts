import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { LOCAL_STAGE } from '../client/local-stage.ts';
import type { CliContext } from './cli-context.ts';
import { regionOption, stageOption } from './options.ts';
import { exportLines, SHELLS } from './print/export-lines.ts';
import { isGiven, UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ eval "$(greenroom env)"                for sh, bash and zsh
  $ greenroom env --shell fish | source    for fish
  PS> greenroom env --shell powershell | Out-String | Invoke-Expression
  $ (eval "$(greenroom env)"; python3 sender.py)   for one program only
  $ eval "$(greenroom env --stage prod)"   the addresses of a deployed stage
  $ aws sqs send-message --queue-url "$GREENROOM_BULK_QUEUE_URL" \\
      --message-body file://events/samples/bare.json

For the local stack, the AWS CLI and the SDKs of all languages then call the
stack instead of AWS: the variables contain its endpoint, its region and
credentials that only the stack accepts. Variables that would direct them
elsewhere, such as AWS_PROFILE, are removed. Version 1 of the AWS CLI ignores
the endpoint for SQS: add --endpoint-url "$AWS_ENDPOINT_URL" to its commands.
For a deployed stage, the variables contain only its region and its addresses.
Sign in to AWS as usual.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  shell: z.enum(SHELLS),
  json: z.boolean().default(false),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(new Option('--shell <name>', 'the shell that reads the output').choices(SHELLS).default('sh'))
    .option('--json', 'print the variables as one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      if (isGiven(command, '--shell') && isGiven(command, '--json'))
        throw new UsageError('--shell and --json cannot be used together');
      await env(optionsSchema.parse(options), context);
    });
}

async function env({ shell, json, ...wanted }: z.infer<typeof optionsSchema>, context: CliContext): Promise<void> {
  const deployment = await context.findDeployment(wanted);
  try {
    const isLocal = deployment.stage === LOCAL_STAGE;
    const values = { ...(isLocal ? await localAccess(deployment) : {}), ...(await addressesOf(deployment)) };
    const removed = isLocal ? REMOVED : [];
    if (json) console.log(JSON.stringify(values));
    else for (const line of exportLines(values, removed, shell)) console.log(line);
  } finally {
    deployment.close();
  }
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
