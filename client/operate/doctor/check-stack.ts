import type { Output, Stack } from '@aws-sdk/client-cloudformation';
import type { Deployment } from '../../deployment.ts';
import { callUnlessAbsent } from './call-aws.ts';
import { type ExaminedStage, stackName } from './examined-stage.ts';
import { finding, firstFew, type Observation } from './finding.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html lists the statuses. */
const FINISHED = new Set<string>(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);

/** The outputs with the names of a stage's resources and with its settings. */
export const OUTPUTS = [
  'InteractiveQueue',
  'InteractiveDeadLetterQueue',
  'BulkQueue',
  'BulkDeadLetterQueue',
  'RedriveQueue',
  'ManifestQueue',
  'ManifestDeadLetterQueue',
  'RosterQueue',
  'RosterDeadLetterQueue',
  'LiveEventsQueue',
  'LiveEventsDeadLetterQueue',
  'SchedulerDeadLetterQueue',
  'ParkedQueue',
  'CompletionTopic',
  'LedgerTable',
  'PaceTable',
  'RosterTable',
  'ManifestBucket',
  'ReleaseGrace',
] as const;

type OutputName = (typeof OUTPUTS)[number];

/** Whether the stack was deployed completely, and its outputs name the resources that the commands use. */
export async function checkStack({ deployment, clients }: ExaminedStage): Promise<Observation[]> {
  const name = stackName(deployment.stage);
  const response = await callUnlessAbsent('cloudformation:DescribeStacks', ['ValidationError'], () =>
    clients.cloudFormation.describeStacks({ StackName: name }),
  );
  const stack = response?.Stacks?.[0];
  if (stack === undefined) {
    const message = `There is no CloudFormation stack ${name} in ${deployment.region}`;
    return [
      finding('stack-missing', message, 'Deploy the stage; existing resources may be left over from a deleted stack'),
    ];
  }
  return [
    ...checkStatus(name, stack),
    ...checkProtection(name, stack, deployment),
    ...(await checkOutputs(stack.Outputs ?? [], deployment)),
  ];
}

function checkStatus(name: string, { StackStatus: status, StackStatusReason: reason }: Stack): Observation[] {
  if (status !== undefined && FINISHED.has(status)) return [];
  const message = `The stack ${name} is in the state ${status}${reason === undefined ? '' : ` (${reason})`}`;
  return [
    finding(
      'stack-unfinished',
      message,
      'Wait for the deployment to end, or examine the events of the stack and deploy again',
    ),
  ];
}

function checkProtection(name: string, { EnableTerminationProtection }: Stack, { region }: Deployment): Observation[] {
  if (EnableTerminationProtection !== false) return [];
  return [
    finding(
      'stack-unprotected',
      `The stack ${name} can be removed with a single call`,
      `aws cloudformation update-termination-protection --enable-termination-protection --stack-name ${name} --region ${region}`,
    ),
  ];
}

async function checkOutputs(outputs: readonly Output[], deployment: Deployment): Promise<Observation[]> {
  const values = new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const missing = OUTPUTS.filter((name) => !values.has(name));
  const used = await usedResources(deployment);
  const others = used.filter(([name, value]) => values.has(name) && values.get(name) !== value);
  return [
    ...(missing.length === 0
      ? []
      : [
          finding(
            'output-missing',
            `The stack lacks the outputs ${firstFew(missing)}`,
            'Deploy this version: the stack is from an older version, or its template was changed',
          ),
        ]),
    ...others.map(([name, value]) =>
      finding(
        'output-of-another-resource',
        `The output ${name} is ${values.get(name)}, but greenroom's commands use ${value}`,
        'Do not rename resources in the template: the commands find them by their names',
      ),
    ),
  ];
}

/** The resources that the commands use, by output. Queues are not compared, because their URLs may have several forms. */
async function usedResources(deployment: Deployment): Promise<[OutputName, string][]> {
  return [
    ['LedgerTable', deployment.ledgerTable],
    ['PaceTable', deployment.paceTable],
    ['RosterTable', deployment.rosterTable],
    ['CompletionTopic', await deployment.completionTopicArn()],
    ['ManifestBucket', await deployment.manifestBucket()],
  ];
}
