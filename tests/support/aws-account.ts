import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { credentialScopeOf } from '../../emulator/gateway/credential-scope.ts';
import { openGateway } from './gateway-clients.ts';
import { type ProxiedAnswer, type ProxiedRequest, passOn, startLoopbackProxy } from './loopback-proxy.ts';

const ACCOUNT_ID = '123456789012';
const BUCKET = 'deployment-bucket';

interface StackEvent {
  logicalId: string;
  type: string;
  status: string;
  /** The age of the event at every request, so that a test does not depend on its own speed. */
  agoMs: number;
}

/** The state of a stack in the account. `events`: the oldest first. */
interface Stack {
  name: string;
  status: string;
  isProtected: boolean;
  events: StackEvent[];
}

/**
 * The parts of an account that a deployment calls. The calls to CloudFormation and the deletion protection of DynamoDB are only recorded,
 * and S3 is the emulated one. A deployment takes no time, and creates its tables.
 */
export async function openAwsAccount() {
  const gateway = await openGateway();
  const tables = new Map<string, boolean>();
  let stack: Stack | undefined;
  let failing: { queuesDeletedAgoMs: number } | undefined;

  function note(target: Stack, logicalId: string, type: string, status: string, agoMs = 0): void {
    target.events.push({ logicalId, type, status, agoMs });
    if (logicalId === target.name) target.status = status;
  }
  const noteStack = (target: Stack, status: string) => note(target, target.name, 'AWS::CloudFormation::Stack', status);

  const actions: Record<string, (parameters: URLSearchParams) => Promise<string> | string> = {
    GetCallerIdentity: () => `<Account>${ACCOUNT_ID}</Account><Arn>arn:aws:iam::${ACCOUNT_ID}:user/local</Arn>`,
    ValidateTemplate: () => '',
    ListStackResources: () => '<StackResourceSummaries/>',
    DescribeStacks: () => `<Stacks><member>${describe(existing(stack))}</member></Stacks>`,
    DescribeStackResource: () =>
      `<StackResourceDetail><PhysicalResourceId>${existing(stack) && BUCKET}</PhysicalResourceId></StackResourceDetail>`,
    DescribeStackEvents: () => `<StackEvents>${describeEvents(existing(stack))}</StackEvents>`,
    async CreateStack(parameters) {
      stack = { name: parameters.get('StackName') ?? '', status: '', isProtected: false, events: [] };
      await gateway.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      noteStack(stack, 'CREATE_IN_PROGRESS');
      noteStack(stack, 'CREATE_COMPLETE');
      return `<StackId>${stack.name}</StackId>`;
    },
    UpdateStack() {
      const target = existing(stack);
      noteStack(target, 'UPDATE_IN_PROGRESS');
      if (failing === undefined) {
        for (const table of ['ledger', 'pace', 'rosters']) tables.set(`${target.name}-${table}`, false);
        noteStack(target, 'UPDATE_COMPLETE');
        return `<StackId>${target.name}</StackId>`;
      }
      note(target, 'RosterTable', 'AWS::DynamoDB::Table', 'CREATE_FAILED');
      noteStack(target, 'UPDATE_ROLLBACK_IN_PROGRESS');
      note(target, 'BulkQueue', 'AWS::SQS::Queue', 'DELETE_COMPLETE', failing.queuesDeletedAgoMs);
      noteStack(target, 'UPDATE_ROLLBACK_COMPLETE');
      failing = undefined;
      return `<StackId>${target.name}</StackId>`;
    },
    UpdateTerminationProtection(parameters) {
      existing(stack).isProtected = parameters.get('EnableTerminationProtection') === 'true';
      return '';
    },
  };

  async function answer(request: ProxiedRequest): Promise<ProxiedAnswer> {
    const service = credentialScopeOf(request.headers.authorization)?.service;
    if (service === 's3') return passOn(gateway.endpoint, request);
    if (service === 'dynamodb') return answerDynamoDb(request, tables);
    if (service === 'lambda') return json(404, { Message: 'no such function' }, 'ResourceNotFoundException');
    const parameters = new URLSearchParams(request.body.toString());
    const action = parameters.get('Action') ?? '';
    try {
      const result = await actions[action]?.(parameters);
      if (result === undefined) throw new Error(`${service} ${action} is not supported here`);
      return xml(200, `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
    } catch (error) {
      const text = `<Code>ValidationError</Code><Message>${error instanceof Error ? error.message : ''}</Message>`;
      return xml(400, `<ErrorResponse><Error><Type>Sender</Type>${text}</Error></ErrorResponse>`);
    }
  }

  const proxy = await startLoopbackProxy(answer);
  return {
    endpoint: proxy.endpoint,
    /** Makes the next update of the stack fail and roll back, with the given age of the deletion of its queues. */
    failNextUpdate(failure: { queuesDeletedAgoMs: number }) {
      failing = failure;
    },
    stack: () => stack,
    protectedTables: () => [...tables].flatMap(([name, isProtected]) => (isProtected ? [name] : [])),
    s3: gateway.s3,
    async close() {
      await proxy.close();
      await gateway.close();
    },
  };
}

function existing(stack: Stack | undefined): Stack {
  if (stack === undefined) throw new Error('Stack with id greenroom does not exist');
  return stack;
}

function describe({ name, status, isProtected }: Stack): string {
  return `<EnableTerminationProtection>${isProtected}</EnableTerminationProtection><StackId>${name}</StackId><StackName>${name}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs/>`;
}

/** The newest event is the first. */
function describeEvents({ name, events }: Stack): string {
  const members = events.map(({ logicalId, type, status, agoMs }, index) => {
    const stack = `<StackId>${name}</StackId><StackName>${name}</StackName>`;
    const resource = `<LogicalResourceId>${logicalId}</LogicalResourceId><ResourceType>${type}</ResourceType>`;
    const time = `<Timestamp>${new Date(Date.now() - agoMs).toISOString()}</Timestamp><ResourceStatus>${status}</ResourceStatus>`;
    return `<member><EventId>${index}</EventId>${stack}${resource}${time}</member>`;
  });
  return members.reverse().join('');
}

function answerDynamoDb({ headers, body }: ProxiedRequest, tables: Map<string, boolean>): ProxiedAnswer {
  const { TableName, DeletionProtectionEnabled } = JSON.parse(body.toString());
  if (!tables.has(TableName)) return json(400, { __type: 'ResourceNotFoundException', message: 'no such table' });
  if (headers['x-amz-target'] === 'DynamoDB_20120810.UpdateTable') tables.set(TableName, DeletionProtectionEnabled);
  const Table = { TableName, DeletionProtectionEnabled: tables.get(TableName) };
  return json(200, { Table, TableDescription: Table });
}

function xml(status: number, text: string): ProxiedAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}

function json(status: number, value: object, errorType?: string): ProxiedAnswer {
  const headers = { 'content-type': 'application/json', ...(errorType && { 'x-amzn-errortype': errorType }) };
  return { status, headers, body: Buffer.from(JSON.stringify(value)) };
}
