import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { build, type Plugin } from 'esbuild';
import { zipSync } from 'fflate';
import { connectLocally } from '../../../client/deployment.ts';
import type { Denial } from '../../../emulator/iam/usage.ts';
import { startStack } from '../../../local/stack.ts';
import { copyOfPackage } from '../../policies/paths/world.ts';
import { until } from '../../support/gateway-clients.ts';
import { type Resource, readYaml } from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';

const SAMPLE = 'examples/lambda-consumer';

/** A stack of the sample's template, beside greenroom. */
export interface ConsumerCopy {
  name: string;
  /** Further variables of the function. */
  variables?: Record<string, string>;
  /** The code of `use-outcome.ts` in this copy. Default: that of the sample */
  useOutcome?: string;
  /** A shorter time until a failed message is delivered again. */
  visibilitySeconds?: number;
}

/** A calm embedded stack with greenroom and copies of the sample consumer, as its template describes them. */
export async function openConsumerStack(copies: ConsumerCopy[]) {
  const copy = copyOfPackage((_id, resource) => resource);
  const { Resources, ...rest } = JSON.parse(readFileSync(copy.templateFile, 'utf8'));
  for (const each of copies) {
    Object.assign(Resources, resourcesOf(each));
    writeFileSync(join(dirname(copy.templateFile), `${each.name}.zip`), await archiveOf(each));
  }
  writeFileSync(copy.templateFile, JSON.stringify({ ...rest, Resources }));
  const lines: { from: string; line: string }[] = [];
  const denied: Denial[] = [];
  const stack = await startStack({
    templateFile: copy.templateFile,
    seed: 1,
    calm: true,
    isolation: 'thread',
    onDenied: (denial) => denied.push(denial),
    onLog: (from, line) => lines.push({ from, line }),
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1', outputs: stack.outputs });
  const { sqs } = deployment;

  /** The lines that the function of a copy has logged with this message, and which mention a text. */
  const logged = (name: string, message: string, about = '') =>
    lines.filter(
      ({ from, line }) =>
        from === `${name}-consumer` && line.includes(`"message":"${message}"`) && line.includes(about),
    ).length;

  return {
    stack,
    denied,
    logged,
    untilLogged: (name: string, message: string, about: string, times = 1) =>
      until(async () => logged(name, message, about) >= times || undefined, 60_000),
    async request(idempotencyKey: string): Promise<void> {
      const MessageBody = JSON.stringify({ idempotencyKey, room: {} });
      await sqs.send(new SendMessageCommand({ QueueUrl: stack.outputs.InteractiveQueue, MessageBody }));
    },
    async queueUrl(QueueName: string): Promise<string> {
      return must((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl);
    },
    sqs,
    /** The permissions that the function of a copy has not used, except those for the log, which the stack does not need. */
    unusedBy: (name: string) =>
      stack.iam
        .unusedGrants()
        .filter(({ holder, grant }) => holder === `${name}ConsumerRole` && grant.sid !== 'WriteLogs')
        .map(({ grant }) => grant.action),
    async close() {
      deployment.close();
      await stack.stop();
      copy.remove();
    },
  };
}

export type ConsumerStack = Awaited<ReturnType<typeof openConsumerStack>>;

/** The resources of the template under names of their own. In it, the parameter `CompletionTopic` has the name of greenroom's own topic. */
function resourcesOf({ name, variables, visibilitySeconds }: ConsumerCopy): Record<string, Resource> {
  const text = readFileSync(`${SAMPLE}/template.yml`, 'utf8')
    .replaceAll('Consumer', `${name}Consumer`)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is a variable of CloudFormation
    .replaceAll('${AWS::StackName}', name);
  const { Resources } = readYaml(text);
  const { Properties } = must(Resources[`${name}ConsumerFunction`]);
  Object.assign(Properties.Environment.Variables, variables);
  Properties.Code = { S3Bucket: 'bucket', S3Key: `${name}.zip` };
  if (visibilitySeconds !== undefined)
    must(Resources[`${name}ConsumerQueue`]).Properties.VisibilityTimeout = visibilitySeconds;
  return Resources;
}

/** The archive that `aws cloudformation package` would upload. */
async function archiveOf({ useOutcome }: ConsumerCopy): Promise<Uint8Array> {
  return zipSync({ 'handler.js': useOutcome === undefined ? buildOfReadme() : await buildWith(useOutcome) });
}

function buildOfReadme(): Uint8Array {
  const [command = ''] = readFileSync(`${SAMPLE}/README.md`, 'utf8').match(/^npx esbuild .*$/m) ?? [];
  return execSync(command.replace(/ --outfile=\S+/, ''), { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function buildWith(useOutcome: string): Promise<Uint8Array> {
  const replacing: Plugin = {
    name: 'replace-use-outcome',
    setup: ({ onLoad }) => onLoad({ filter: /use-outcome\.ts$/ }, () => ({ contents: useOutcome, loader: 'js' })),
  };
  const entryPoints = [`${SAMPLE}/handler.ts`];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    platform: 'node',
    write: false,
    plugins: [replacing],
  });
  return must(outputFiles[0]).contents;
}
