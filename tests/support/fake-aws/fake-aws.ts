import * as z from 'zod';
import { credentialScopeOf } from '../../../emulator/gateway/credential-scope.ts';
import {
  type LoopbackProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
  passOn,
  startLoopbackProxy,
} from '../loopback-proxy.ts';
import type { FakeAccount } from './account.ts';
import { AwsError, errorAnswer, jsonAnswer, type Protocol, queryAnswer } from './answers.ts';
import { answerLambda, lambdaAction } from './lambda.ts';
import { answerQuery, queryAction } from './query-services.ts';

/** One call, as IAM and the fake see it. */
interface Call {
  service: string;
  action: string;
  region: string;
  protocol: Protocol;
  request: ProxiedRequest;
}

const PROTOCOLS: Record<string, Protocol> = {
  cloudformation: 'query',
  monitoring: 'query',
  sns: 'query',
  sts: 'query',
  lambda: 'rest-json',
  ivschat: 'rest-json',
  s3: 'rest-xml',
};
/** The prefixes of IAM's actions where they differ from the signing names. */
const IAM_PREFIXES: Record<string, string> = { monitoring: 'cloudwatch' };

/**
 * An AWS endpoint in front of an embedded stack. It answers for the services that the stack does not have, for the settings that the stack
 * ignores, and for missing permissions. All other calls reach the stack.
 * @param account what the endpoint answers; the test may replace it at any time
 */
export function startFakeAws(stackEndpoint: string, account: () => FakeAccount): Promise<LoopbackProxy> {
  return startLoopbackProxy(async (request) => {
    const call = callOf(request);
    try {
      refuse(account(), call);
      return await answerCall(account(), call, () => passOn(stackEndpoint, request));
    } catch (error) {
      if (error instanceof AwsError) return errorAnswer(call.protocol, error);
      // An UnexpectedCall shows the test that the caller made a mistake, such as an undocumented parameter.
      return errorAnswer(call.protocol, new AwsError('UnexpectedCall', String(error)));
    }
  });
}

function callOf(request: ProxiedRequest): Call {
  const { service = '', region = '' } = credentialScopeOf(request.headers.authorization) ?? {};
  const protocol = PROTOCOLS[service] ?? 'json';
  return { service, region, protocol, request, action: actionOf(service, protocol, request) };
}

function actionOf(service: string, protocol: Protocol, request: ProxiedRequest): string {
  if (protocol === 'query') return queryAction(request.body);
  if (service === 'lambda') return lambdaAction(request);
  if (service === 'ivschat') return request.url.slice(1);
  if (service === 's3') return /\?notification\b/.test(request.url) ? 'GetBucketNotification' : request.url;
  return (
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? ''
  );
}

function refuse({ refusedCredentials, denied, callerArn, called }: FakeAccount, { service, action }: Call): void {
  if (refusedCredentials !== undefined)
    throw new AwsError(refusedCredentials, 'The security token included in the request is expired', 403);
  const name = `${IAM_PREFIXES[service] ?? service}:${action}`;
  called.add(name);
  if (!denied.has(name)) return;
  const code = {
    cloudformation: 'AccessDenied',
    monitoring: 'AccessDenied',
    s3: 'AccessDenied',
    sns: 'AuthorizationError',
  }[service];
  throw new AwsError(code ?? 'AccessDeniedException', `User: ${callerArn} is not authorized to perform: ${name}`, 403);
}

/** @param ask passes the call on to the embedded stack */
async function answerCall(account: FakeAccount, call: Call, ask: () => Promise<ProxiedAnswer>): Promise<ProxiedAnswer> {
  const { service, region, action, request } = call;
  switch (service) {
    case 'lambda':
      return answerLambda(account, region, request);
    case 'cloudformation':
    case 'monitoring':
    case 'sts':
      return answerQuery(account, request.body);
    case 'events':
      return answerRules(account, call);
    case 'servicequotas':
      return answerQuotas(account, call);
    case 'dynamodb':
      if (action === 'DescribeContinuousBackups') return answerBackups(account, request);
      return action === 'DescribeTable' ? withProtection(account, await ask()) : ask();
    case 'sns':
      return answerTopics(account, call) ?? ask();
    case 'ivschat':
      return action === 'GetLoggingConfiguration' ? withState(account, await ask()) : ask();
    case 'sqs':
      return answerQueues(account, call, ask);
    default:
      return ask();
  }
}

async function answerQueues(
  { queueAttributes, missingQueues }: FakeAccount,
  { action, request }: Call,
  ask: () => Promise<ProxiedAnswer>,
): Promise<ProxiedAnswer> {
  const { QueueName, QueueUrl } = JSON.parse(request.body.toString('utf8'));
  const name = QueueName ?? String(QueueUrl).split('/').at(-1);
  if (missingQueues.has(name))
    throw new AwsError('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
  const answered = await ask();
  if (action === 'GetQueueUrl') return throughThisEndpoint(answered, request);
  if (action !== 'GetQueueAttributes') return answered;
  return changed(answered, ({ Attributes }) => ({
    Attributes: { ...Object(Attributes), ...queueAttributes.get(name) },
  }));
}

/** Clients use the host of a queue's URL for all calls about this queue. */
function throughThisEndpoint(answered: ProxiedAnswer, { headers: { host } }: ProxiedRequest): ProxiedAnswer {
  return changed(answered, ({ QueueUrl }) => ({ QueueUrl: `http://${host}${new URL(String(QueueUrl)).pathname}` }));
}

const quotaRequest = z.strictObject({ ServiceCode: z.literal('ivschat'), NextToken: z.string().optional() });

function answerQuotas(account: FakeAccount, { region, action, request }: Call): ProxiedAnswer {
  quotaRequest.parse(JSON.parse(request.body.toString('utf8')));
  const { applied, defaults } = account.quotas(region);
  const quotas = { ListServiceQuotas: applied, ListAWSDefaultServiceQuotas: defaults }[action];
  if (quotas === undefined) throw new Error(`The fake has no action ${action} of Service Quotas`);
  return jsonAnswer({ Quotas: quotas.map((quota) => ({ ServiceCode: 'ivschat', QuotaCode: 'L-00000000', ...quota })) });
}

const ruleRequest = z.strictObject({ Name: z.string(), EventBusName: z.string().optional() });

function answerRules({ rules }: FakeAccount, { action, request }: Call): ProxiedAnswer {
  if (action !== 'DescribeRule') throw new Error(`The fake has no action ${action} of EventBridge`);
  const { Name, EventBusName } = ruleRequest.parse(JSON.parse(request.body.toString('utf8')));
  const rule = rules.get(EventBusName === undefined ? Name : `${EventBusName}|${Name}`);
  if (rule === undefined) throw new AwsError('ResourceNotFoundException', `Rule ${Name} does not exist.`);
  return jsonAnswer({ Name, ...rule });
}

/** The embedded stack has no backups. */
function answerBackups({ tables }: FakeAccount, { body }: ProxiedRequest): ProxiedAnswer {
  const { TableName } = z.strictObject({ TableName: z.string() }).parse(JSON.parse(body.toString('utf8')));
  const table = tables.get(TableName);
  if (table === undefined) throw new AwsError('TableNotFoundException', `Table not found: ${TableName}`);
  const PointInTimeRecoveryStatus = table.hasBackups ? 'ENABLED' : 'DISABLED';
  const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus };
  return jsonAnswer({
    ContinuousBackupsDescription: { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription },
  });
}

/** The embedded stack's tables have no protection. */
function withProtection({ tables }: FakeAccount, answered: ProxiedAnswer): ProxiedAnswer {
  return changed(answered, ({ Table }) => {
    const table = tables.get(Object(Table).TableName);
    if (table === undefined) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return { Table: { ...Object(Table), DeletionProtectionEnabled: table.isProtected } };
  });
}

/** The logging configurations of the embedded stack are all ACTIVE. */
function withState({ loggingStates }: FakeAccount, answered: ProxiedAnswer): ProxiedAnswer {
  return changed(answered, (configuration) => ({
    ...configuration,
    state: loggingStates.get(String(configuration.arn)) ?? configuration.state,
  }));
}

function changed(answered: ProxiedAnswer, change: (body: Record<string, unknown>) => object): ProxiedAnswer {
  if (answered.status !== 200) return answered;
  const body = Buffer.from(JSON.stringify(change(JSON.parse(answered.body.toString('utf8')))));
  const { 'content-length': _, 'x-amz-crc32': __, ...headers } = answered.headers;
  return { ...answered, headers, body };
}

/** Undefined for the topic that the embedded stack has. */
function answerTopics({ topics }: FakeAccount, { action, request }: Call): ProxiedAnswer | undefined {
  const TopicArn = new URLSearchParams(request.body.toString('utf8')).get('TopicArn') ?? '';
  if (TopicArn.endsWith('-completions')) return undefined;
  const topic = topics.get(TopicArn);
  // The embedded stack answers that a topic that does not exist has no subscriptions.
  if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
  const Owner = TopicArn.split(':')[4];
  if (action === 'ListSubscriptionsByTopic')
    return queryAnswer(action, { Subscriptions: topic.subscriptions.map((each) => ({ ...each, Owner, TopicArn })) });
  if (action !== 'GetTopicAttributes') throw new Error(`The fake has no action ${action} of SNS`);
  const attributes = Object.entries({ TopicArn, Owner, ...topic.attributes });
  return queryAnswer(action, { Attributes: { entry: attributes.map(([key, value]) => ({ key, value })) } });
}
