import type { Lambda } from '@aws-sdk/client-lambda';
import { attempt, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';
import { judged, judgePolicy } from './policy.ts';
import type { NamedHandler } from './requested-rooms.ts';

const ABSENT = ['ResourceNotFoundException'];
const FUNCTION_ARN = /^arn:[^:]+:lambda:([^:]+):(\d+):function:([^:]+)(?::(.+))?$/;
/** The id of a room that does not exist yet. A policy that names only certain rooms does not allow calls for this room. */
const NEW_ROOM = 'room/newroomnewro';

interface FunctionName {
  FunctionName: string;
  Qualifier?: string;
}

/** Whether IVS Chat can call the functions that review messages. The calls are sequential, because a file names few functions. */
export async function checkReviewHandlers(
  handlers: readonly NamedHandler[],
  stage: ExaminedStage,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const handler of handlers)
    observations.push(...(await attempt(`the review handler ${handler.arn}`, () => checkHandler(handler, stage))));
  return observations;
}

async function checkHandler(handler: NamedHandler, { account, clients }: ExaminedStage): Promise<Observation[]> {
  const { arn, region, where } = handler;
  const [, ofRegion, ofAccount, FunctionName = '', Qualifier] = FUNCTION_ARN.exec(arn) ?? [];
  if (ofRegion !== region || ofAccount !== account) return [elsewhere(handler, account)];
  const lambda = clients.lambda(region);
  const named: FunctionName = { FunctionName, ...(Qualifier !== undefined && { Qualifier }) };
  const configuration = await callUnlessAbsent('lambda:GetFunctionConfiguration', ABSENT, () =>
    lambda.getFunctionConfiguration(named),
  );
  if (configuration === undefined)
    return [
      finding(
        'review-handler-missing',
        `The review handler ${arn} (${where}) does not exist: ${consequence(handler)}`,
        'Create the function, or specify another one in messageReviewHandler.uri',
      ),
    ];
  const { State: state } = configuration;
  if (state === 'Failed' || state === 'Pending')
    return [
      finding(
        'review-handler-not-active',
        `The review handler ${arn} (${where}) is in the state ${state}: ${consequence(handler)}`,
        'Wait until the function is active, or fix the cause that Lambda names',
      ),
    ];
  return checkPermission(handler, named, { lambda, account });
}

/**
 * "The lambda function must be in the same AWS account and AWS region as the room with which you will use the function. The resource-based
 * policy gives Amazon IVS Chat permission to invoke your lambda function":
 * https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-message-review-handler.html
 */
async function checkPermission(
  handler: NamedHandler,
  named: FunctionName,
  { lambda, account }: { lambda: Lambda; account: string },
): Promise<Observation[]> {
  const { arn, region, where } = handler;
  const [, partition] = arn.split(':');
  const rooms = `arn:${partition}:ivschat:${region}:${account}:`;
  const response = await callUnlessAbsent('lambda:GetPolicy', ABSENT, () => lambda.getPolicy(named));
  const verdict = judgePolicy(response?.Policy, {
    service: 'ivschat.amazonaws.com',
    action: 'lambda:InvokeFunction',
    sourceAccount: account,
    sourceArn: `${rooms}${NEW_ROOM}`,
  });
  const qualifier = named.Qualifier === undefined ? '' : ` --qualifier ${named.Qualifier}`;
  return judged(`the policy of ${arn}`, verdict, () =>
    finding(
      'review-handler-not-permitted',
      `The policy of the review handler ${arn} (${where}) does not allow IVS Chat to call it: ${consequence(handler)}`,
      `aws lambda add-permission --function-name ${named.FunctionName}${qualifier} --region ${region} --statement-id ivs-chat --action lambda:InvokeFunction --principal ivschat.amazonaws.com --source-account ${account} --source-arn '${rooms}room/*'`,
    ),
  );
}

function elsewhere(handler: NamedHandler, account: string): Observation {
  const { arn, region, where } = handler;
  return finding(
    'review-handler-elsewhere',
    `The review handler ${arn} (${where}) is not in the region and account of its room: ${region}, ${account}`,
    'Name a function of the account and region of the room in messageReviewHandler.uri',
  );
}

/**
 * "Specifies the fallback behavior (whether the message is allowed or denied) if the handler does not return a valid response, encounters an
 * error, or times out. […] Default: ALLOW": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_MessageReviewHandler.html
 */
function consequence({ deniesUnreviewed }: NamedHandler): string {
  return deniesUnreviewed
    ? 'no message is delivered'
    : 'all messages are delivered without a review (fallbackResult ALLOW)';
}
