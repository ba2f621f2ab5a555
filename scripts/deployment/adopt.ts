/**
 * Prepares the import of the resources that a removed stage has left behind. Writes the files of the import, and prints the commands that
 * use them (docs/deployment.md). Reads the package of `serverless package`, and makes no calls to AWS.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { importRetained } from './import-retained.ts';

const HELP = `Usage: node scripts/deployment/adopt.ts --stage STAGE --region REGION --account ID [--without LOGICAL_ID]…

Prepares the import of the resources that a removed stage has left behind. Package the stage first: npx serverless package --stage STAGE

  --account ID          the number of the account, as "aws sts get-caller-identity" prints it
  --without LOGICAL_ID  a resource that no longer exists, for example RedriveQueue
  --help                prints this text`;

const FOLDER = '.serverless';
const TEMPLATE = join(FOLDER, 'cloudformation-template-update-stack.json');
const IMPORT_TEMPLATE = join(FOLDER, 'adopt-template.json');
const IMPORT_RESOURCES = join(FOLDER, 'adopt-resources.json');

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ stage: text, region: text, account: text, help: { type: 'boolean' } },
    without: { type: 'string', multiple: true, default: [] },
  },
});
const optionsSchema = z.object({
  stage: z.string(),
  region: z.string(),
  account: z.string().regex(/^\d{12}$/),
  without: z.array(z.string()),
});

const options = optionsSchema.safeParse(values);
if (values.help || !options.success) console.log(HELP);
else prepare(options.data);
if (!values.help && !options.success) process.exitCode = 1;

function prepare({ stage, region, account, without }: z.output<typeof optionsSchema>): void {
  const compiled: unknown = JSON.parse(readFileSync(TEMPLATE, 'utf8'));
  const { template, resourcesToImport } = importRetained(compiled, { accountId: account, region }, without);
  writeFileSync(IMPORT_TEMPLATE, JSON.stringify(template, null, 2));
  writeFileSync(IMPORT_RESOURCES, JSON.stringify(resourcesToImport, null, 2));
  console.log(commands(`--region ${region} --stack-name greenroom-${stage}`).join('\n'));
}

function commands(stack: string): string[] {
  const files = `--template-body file://${IMPORT_TEMPLATE} --resources-to-import file://${IMPORT_RESOURCES}`;
  return [
    `aws cloudformation create-change-set ${stack} --change-set-name adopt --change-set-type IMPORT ${files}`,
    `aws cloudformation wait change-set-create-complete ${stack} --change-set-name adopt`,
    `aws cloudformation describe-change-set ${stack} --change-set-name adopt`,
    `aws cloudformation execute-change-set ${stack} --change-set-name adopt`,
    `aws cloudformation wait stack-import-complete ${stack}`,
  ];
}
