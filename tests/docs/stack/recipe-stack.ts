import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { withCompletionFeed } from '../../../client/completion-feed.ts';
import type { Completion } from '../../../lib/contract/completion.ts';
import { openCliStack } from '../../cli/stack/cli-stack.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

export interface ProgramRun {
  exitCode: number | null;
  output: string;
}

/** The embedded stack, its completions so far, and a folder in which the programs of an upstream system run. */
export async function openRecipeStack() {
  const { stack, deployment, directoryWithStack, close } = await openCliStack();
  const folder = directoryWithStack();
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const completions: Completion[] = [];
  const reused: string[] = [];
  const listening = Promise.withResolvers<void>();
  const ending = new AbortController();
  const unreadable: string[] = [];
  const feed = withCompletionFeed(deployment, { onUnreadable: (each) => unreadable.push(each) }, async (opened) => {
    listening.resolve();
    for await (const { completion } of opened.completions(ending.signal)) {
      completions.push(completion);
      const { data, subject } = completion;
      if (data.outcome === 'failed' && data.reason === 'key-reused-with-different-payload')
        reused.push(String(subject));
    }
  });
  await listening.promise;

  /** Runs a program with files of these contents, in the environment of a sender of this stack. */
  function run(program: string, files: Record<string, string>): Promise<ProgramRun> {
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    return runProgram(program, Object.keys(files));
  }

  /** Runs a program in the folder, in the environment of a sender of this stack. */
  async function runProgram(
    program: string,
    args: string[],
    variables: Record<string, string> = {},
  ): Promise<ProgramRun> {
    const env = {
      ...process.env,
      ...stack.endpointVariables,
      NODE_OPTIONS: '',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
      QUEUE_URL: stack.outputs.InteractiveQueue,
      ...variables,
    };
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
    const [exitCode] = await ended;
    return { exitCode, output };
  }

  return {
    deployment,
    outputs: stack.outputs,
    folder,
    /** The keys that were used for two rooms. A reader who follows several examples must not see this failure. */
    reused,
    run,
    runProgram,
    /** Runs commands. Version 1 of the AWS CLI ignores AWS_ENDPOINT_URL for SQS, so it gets the endpoint as an option. */
    runCommands: (commands: string) =>
      run('bash', { 'recipe.sh': `aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n${commands}` }),
    /** Puts a message into the queue with this ARN, as a service does that a policy permits to send. */
    async deliver(queueArn: string, body: string): Promise<void> {
      const [output] = must(Object.entries(stack.outputs).find(([, value]) => value === queueArn));
      const QueueUrl = stack.outputs[output.replace(/Arn$/, '')];
      await deployment.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    },
    /** The next completion of a key with this type, once it is published. Each completion is returned once. */
    completion(key: string | undefined, type: 'provisioned' | 'failed'): Promise<Completion> {
      const isMeant = (each: Completion) => each.subject === key && each.type === `greenroom.room.${type}.v1`;
      return until(async () => {
        const index = completions.findIndex(isMeant);
        return index < 0 ? undefined : completions.splice(index, 1)[0];
      }, 20_000);
    },
    async close() {
      ending.abort();
      await feed;
      await close();
      if (unreadable.length > 0) throw new Error(`Unreadable completions: ${unreadable.join('; ')}`);
    },
  };
}

export type RecipeStack = Awaited<ReturnType<typeof openRecipeStack>>;

/** Whether a program is installed. If not, says which recipe is skipped. */
export function isInstalled(recipe: string, program: string, args: string[]): boolean {
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  if (status !== 0) process.stdout.write(`Skipped: ${recipe}, because ${program} ${args.join(' ')} fails here\n`);
  return status === 0;
}
