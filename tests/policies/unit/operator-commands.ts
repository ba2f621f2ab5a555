import { REGION } from '../../support/lambda-context.ts';
import { STAGE } from '../policy-files.ts';

const ACCOUNT = '000000000000';
const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
const queueArn = (name: string) => arn('sqs', `greenroom-${STAGE}-${name}`);
const DEAD_LETTERS = ['manifests-dead-letters', 'rosters-dead-letters', 'scheduler-dead-letters'];
/**
 * The template does not name this queue. "If you don't specify a name, CloudFormation generates a unique physical ID", such as
 * `MyStack-MyBucket-abcdefghijk1`: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 */
const EVENT_BUS_DEAD_LETTERS = queueArn('EventBusDeadLetterQueue-1A2B3C');

const FUNCTIONS = [
  'provision-rooms',
  'announce-dead-letters',
  'start-bulk-job',
  'track-rosters',
  'schedule-live-events',
  'sweep-rooms',
  'release-rooms',
];

export interface Permission {
  action: string;
  resource: string;
}

/** A command of the AWS CLI in the guide. */
export interface AwsCommand {
  /** Such as `sqs receive-message`. */
  name: string;
  /** The rest of its line, with the commands that are nested in it. */
  rest: string;
  section: string;
}

/** Every `aws …` command in inline code and in shell blocks. A command that is nested in another one is a command of its own. */
export function awsCommandsOf(guide: string): AwsCommand[] {
  const sections = guide.split(/\n(?=## )/);
  return sections.flatMap((text) => {
    const section = /^## (.*)/.exec(text)?.[1] ?? '';
    const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block.replaceAll('\\\n', ' '));
    const spans = [...text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
    const lines = [...blocks, ...spans].flatMap((code) => code.split('\n'));
    return lines.flatMap((line) =>
      [...line.matchAll(/(?<![\w/.-])aws ([a-z][a-z0-9-]*) ([a-z][a-z0-9-]*)(?=(.*))/g)].map(
        ([, service, subcommand, rest = '']) => ({ name: `${service} ${subcommand}`, rest, section }),
      ),
    );
  });
}

/** @returns all of the names. @throws Error if the command names none of these resources of the stage */
function named(rest: string, names: readonly string[]): string[] {
  const [, name = ''] = new RegExp(`greenroom-${STAGE}-([a-z-]+)`).exec(rest) ?? [];
  if (!names.includes(name)) throw new Error(`The command does not name one of ${names}: ${rest}`);
  // The guide shows a command for one of them, and adds "or" with the names of the others.
  return [...names];
}

const onFunctions = (action: string) => (rest: string) =>
  named(rest, FUNCTIONS).map((name) => ({ action, resource: arn('lambda', `function:greenroom-${STAGE}-${name}`) }));
const onAll = (action: string) => () => [{ action, resource: '*' }];

/**
 * What the commands need. The resources are those of the Service Authorization Reference. For an action without resource types, "you must
 * specify all resources ("*") to which the policy applies": https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html
 */
const NEEDS: Record<string, (rest: string) => Permission[]> = {
  'cloudformation describe-stacks': () => [
    { action: 'cloudformation:DescribeStacks', resource: arn('cloudformation', `stack/greenroom-${STAGE}/1a2b`) },
  ],
  'cloudwatch describe-alarms': onAll('cloudwatch:DescribeAlarms'),
  'lambda get-account-settings': onAll('lambda:GetAccountSettings'),
  'lambda get-function-concurrency': onFunctions('lambda:GetFunctionConcurrency'),
  'lambda list-event-source-mappings': onAll('lambda:ListEventSourceMappings'),
  // The CLI reads with FilterLogEvents. In policies, the ARN of a log group ends with `:*`:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  'logs tail': (rest) =>
    named(rest, FUNCTIONS).map((name) => ({
      action: 'logs:FilterLogEvents',
      resource: arn('logs', `log-group:/aws/lambda/greenroom-${STAGE}-${name}:*`),
    })),
  'scheduler create-schedule-group': (rest) =>
    named(rest, ['live-events']).map((name) => ({
      action: 'scheduler:CreateScheduleGroup',
      resource: arn('scheduler', `schedule-group/greenroom-${STAGE}-${name}`),
    })),
  'service-quotas list-service-quotas': onAll('servicequotas:ListServiceQuotas'),
  'service-quotas request-service-quota-increase': () => [
    // The region is that of the rooms, and not that of the stage.
    {
      action: 'servicequotas:RequestServiceQuotaIncrease',
      resource: `arn:aws:servicequotas:us-west-2:${ACCOUNT}:ivschat/L-1A2B3C4D`,
    },
  ],
  'sns list-subscriptions-by-topic': () => [
    { action: 'sns:ListSubscriptionsByTopic', resource: arn('sns', `greenroom-${STAGE}-completions`) },
  ],
  'sqs get-queue-attributes': (rest) =>
    onQueues('GetQueueAttributes', named(rest, ['rosters', 'manifests', 'live-events'])),
  'sqs get-queue-url': (rest) =>
    onQueues('GetQueueUrl', named(rest, [...DEAD_LETTERS, 'rosters', 'manifests', 'live-events'])),
  'sqs receive-message': (rest) => onQueues('ReceiveMessage', named(rest, DEAD_LETTERS)),
  // As in emulator/iam/requests/sqs.ts: the task receives and deletes with the permissions of the caller, and sends to the source queue.
  'sqs start-message-move-task': () =>
    ['manifests', 'rosters'].flatMap((name) => [
      ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].flatMap((action) =>
        onQueues(action, [`${name}-dead-letters`]),
      ),
      ...onQueues('SendMessage', [name]),
    ]),
};

function onQueues(action: string, names: readonly string[]): Permission[] {
  return names.map((name) => ({ action: `sqs:${action}`, resource: queueArn(name) }));
}

/** Who restores the ledger stops functions and replaces a table. An operator must not be able to delete the ledger by mistake. */
const RESTORE = 'a step of the restore, which an administrator of DynamoDB and Lambda takes';

/** Commands of the section "Restore the ledger" that operators need not be able to run, with the reasons. */
export const EXCLUDED: Record<string, string> = {
  'lambda update-event-source-mapping': RESTORE,
  'dynamodb create-backup': RESTORE,
  'dynamodb delete-table': RESTORE,
  'dynamodb describe-backup': RESTORE,
  'dynamodb describe-table': RESTORE,
  'dynamodb list-backups': RESTORE,
  'dynamodb scan': RESTORE,
  'dynamodb restore-table-from-backup': RESTORE,
  'dynamodb restore-table-to-point-in-time': RESTORE,
  'dynamodb tag-resource': RESTORE,
  'dynamodb update-continuous-backups': RESTORE,
  'dynamodb update-table': RESTORE,
  'dynamodb update-time-to-live': RESTORE,
  'dynamodb wait': RESTORE,
  'ivschat delete-room':
    'it can delete any room of the account, and only the restore needs it, for a room that was copied',
};

/** @throws Error if neither the table nor the exclusions contain the command */
export function neededBy({ name, rest, section }: AwsCommand): Permission[] {
  if (section === 'Restore the ledger' && name in EXCLUDED) return [];
  const needs = NEEDS[name];
  if (needs === undefined) throw new Error(`Add "aws ${name}" (${section}) to the table of needed permissions`);
  return needs(rest);
}

/** Steps that the guide describes without a command, in its words. */
export const STEPS: { words: string; needs: Permission[] }[] = [
  {
    words: 'send the body of each message to the live-event queue, and delete the message',
    needs: [...onQueues('SendMessage', ['live-events']), ...onQueues('DeleteMessage', ['scheduler-dead-letters'])],
  },
  {
    words: 'The attributes `ERROR_CODE` and `ERROR_MESSAGE` of its messages contain the reason',
    needs: [{ action: 'sqs:ReceiveMessage', resource: EVENT_BUS_DEAD_LETTERS }],
  },
  {
    words: 'and delete them from the dead-letter queue',
    needs: [{ action: 'sqs:DeleteMessage', resource: EVENT_BUS_DEAD_LETTERS }],
  },
];
