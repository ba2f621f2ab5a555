import { type Command, Option } from 'commander';
import * as z from 'zod';
import { stageVariables } from '../client/stage-variables.ts';
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
    const { values, removed } = await stageVariables(deployment);
    if (json) console.log(JSON.stringify(values));
    else for (const line of exportLines(values, removed, shell)) console.log(line);
  } finally {
    deployment.close();
  }
}
