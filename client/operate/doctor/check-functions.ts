import type { FunctionConfiguration, EventSourceMappingConfiguration as Mapping } from '@aws-sdk/client-lambda';
import { attemptEach, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage, StackResource } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';

const ACTIVE_MAPPINGS = new Set(['Creating', 'Enabling', 'Enabled', 'Updating']);
/** "set the source queue's visibility timeout to at least six times the configuration timeout on your function":
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const TIMEOUTS_HIDDEN = 6;

/** Whether the functions of the stack exist and can run. */
export async function checkFunctions(stage: ExaminedStage): Promise<Observation[]> {
  const functions = await stage.resources('AWS::Lambda::Function');
  return attemptEach(
    functions,
    ({ physicalId }) => `the function ${physicalId}`,
    async ({ physicalId }) => {
      const configuration = await stage.functionConfiguration(physicalId);
      if (configuration !== undefined) return checkState(physicalId, configuration);
      return [
        finding(
          'function-missing',
          `The function ${physicalId} was deleted without CloudFormation`,
          'A deployment does not recreate it: remove the function from the template and deploy, then deploy the whole template again',
        ),
      ];
    },
  );
}

function checkState(
  name: string,
  { State: state, LastUpdateStatus: update, ...reasons }: FunctionConfiguration,
): Observation[] {
  const isFailed = state === 'Failed' || state === 'Pending';
  if (!isFailed && update !== 'Failed') return [];
  const reason = isFailed ? reasons.StateReason : reasons.LastUpdateStatusReason;
  const what = isFailed ? `is in the state ${state}` : 'could not be updated';
  const message = `The function ${name} ${what}${reason === undefined ? '' : `: ${reason}`}`;
  return [finding('function-not-active', message, 'Fix the cause that Lambda names, then deploy again')];
}

/** Whether the event source mappings have the settings that the code requires. */
export async function checkMappings(stage: ExaminedStage): Promise<Observation[]> {
  const mappings = await stage.resources('AWS::Lambda::EventSourceMapping');
  return attemptEach(
    mappings,
    ({ logicalId }) => `the event source mapping ${logicalId}`,
    (resource) => checkMapping(resource, stage),
  );
}

async function checkMapping(resource: StackResource, stage: ExaminedStage): Promise<Observation[]> {
  const { logicalId, physicalId } = resource;
  const mapping = await stage.mapping(physicalId);
  if (mapping === undefined) {
    const message = `The event source mapping ${logicalId} was deleted without CloudFormation: no function receives the messages of its queue`;
    return [
      finding(
        'mapping-missing',
        message,
        'A deployment does not recreate it: remove the mapping from the template and deploy, then deploy the whole template again',
      ),
    ];
  }
  const what = `The event source mapping from ${lastPart(mapping.EventSourceArn)} to ${lastPart(mapping.FunctionArn)}`;
  const isActive = ACTIVE_MAPPINGS.has(mapping.State ?? '');
  return [
    ...(isActive
      ? []
      : [
          finding(
            'mapping-disabled',
            `${what} is in the state ${mapping.State}: no function receives the messages of the queue`,
            `aws lambda update-event-source-mapping --enabled --uuid ${physicalId} --region ${stage.deployment.region}`,
          ),
        ]),
    ...(mapping.FunctionResponseTypes?.includes('ReportBatchItemFailures')
      ? []
      : [
          finding(
            'mapping-without-partial-batches',
            `${what} does not report partial batches: SQS deletes the messages that the function postpones`,
            `aws lambda update-event-source-mapping --function-response-types ReportBatchItemFailures --uuid ${physicalId} --region ${stage.deployment.region}`,
          ),
        ]),
    ...(await checkVisibility(mapping, stage)),
  ];
}

async function checkVisibility({ EventSourceArn, FunctionArn }: Mapping, stage: ExaminedStage): Promise<Observation[]> {
  const queue = lastPart(EventSourceArn);
  const facts = await stage.queue(queue);
  const { Timeout } = (await stage.functionConfiguration(lastPart(FunctionArn))) ?? {};
  if (facts === undefined || Timeout === undefined) return [];
  const minSeconds = TIMEOUTS_HIDDEN * Timeout;
  if (facts.visibilityTimeoutSeconds >= minSeconds) return [];
  return [
    finding(
      'visibility-timeout-too-short',
      `${queue} hides a message for ${facts.visibilityTimeoutSeconds} s, although ${lastPart(FunctionArn)} may take ${Timeout} s: a message may be received again while it is still being handled`,
      `Set the visibility timeout of the queue to at least ${minSeconds} s (six times the timeout of the function), and deploy`,
    ),
  ];
}

/** Whether Lambda allows as many concurrent invocations as the mappings may start. */
export async function checkConcurrency(stage: ExaminedStage): Promise<Observation[]> {
  const needed = await neededConcurrency(stage);
  const lambda = stage.clients.lambda(stage.deployment.region);
  const observations: Observation[] = [];
  let unreserved = 0;
  for (const [name, count] of needed) {
    const response = await callUnlessAbsent('lambda:GetFunctionConcurrency', ['ResourceNotFoundException'], () =>
      lambda.getFunctionConcurrency({ FunctionName: name }),
    );
    const reserved = response?.ReservedConcurrentExecutions;
    if (reserved === undefined) unreserved += count;
    else if (reserved < count) observations.push(reservedTooLow(name, reserved, count));
  }
  const { AccountLimit } =
    (await callUnlessAbsent('lambda:GetAccountSettings', [], () => lambda.getAccountSettings({}))) ?? {};
  const available = AccountLimit?.UnreservedConcurrentExecutions;
  if (available !== undefined && available < unreserved) observations.push(accountTooLow(available, unreserved));
  return observations;
}

/** By function: the maximum concurrency of all its mappings. A function without a mapping needs a concurrency of one. */
async function neededConcurrency(stage: ExaminedStage): Promise<Map<string, number>> {
  const functions = await stage.resources('AWS::Lambda::Function');
  const needed = new Map(functions.map(({ physicalId }) => [physicalId, 0]));
  for (const resource of await stage.resources('AWS::Lambda::EventSourceMapping')) {
    const mapping = await stage.mapping(resource.physicalId);
    if (mapping === undefined) continue;
    const name = lastPart(mapping.FunctionArn);
    needed.set(name, (needed.get(name) ?? 0) + (mapping.ScalingConfig?.MaximumConcurrency ?? 0));
  }
  return new Map([...needed].map(([name, count]) => [name, Math.max(1, count)]));
}

/** "Otherwise, Lambda may throttle your messages": https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
function reservedTooLow(name: string, reserved: number, needed: number): Observation {
  const message = `${name} has a reserved concurrency of ${reserved}, but its queues may need ${needed}: Lambda throttles it`;
  return finding('reserved-concurrency-too-low', message, `Remove the reservation, or raise it to at least ${needed}`);
}

function accountTooLow(available: number, needed: number): Observation {
  return finding(
    'account-concurrency-too-low',
    `The account has an unreserved concurrency of ${available}, but the queues of this stage may need ${needed}: Lambda throttles the functions`,
    'Deploy with accountSize=small (docs/deployment.md), and request a higher "Concurrent executions" quota for Lambda in Service Quotas',
  );
}

function lastPart(arn = ''): string {
  return arn.split(':').at(-1) ?? '';
}
