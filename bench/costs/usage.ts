import type { Around } from '../../emulator/gateway/answer-requests.ts';
import type { CredentialScope } from '../../emulator/gateway/credential-scope.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { addEmbeddedMetrics } from '../../simulation/cloudwatch/embedded-metrics.ts';
import type { Count } from './counts.ts';
import { dynamoDbUnits, withConsumedCapacity } from './dynamodb-units.ts';
import { snsUsage, sqsUsage } from './messaging-units.ts';
import { platformLines } from './platform-lines.ts';

export interface Usage {
  count(name: Count): number;
  /** The custom metrics, each with its dimensions. */
  metrics: ReadonlySet<string>;
  /** Pairs of a role and an encrypted table. */
  tableUsers: ReadonlySet<string>;
  /** The roles that publish to the encrypted topic. */
  publishers: ReadonlySet<string>;
}

interface Noted {
  counts: Map<Count, number>;
  metrics: Set<string>;
  tableUsers: Set<string>;
  publishers: Set<string>;
}

const nothing = (): Noted => ({ counts: new Map(), metrics: new Set(), tableUsers: new Set(), publishers: new Set() });

export type UsageMeter = ReturnType<typeof createUsageMeter>;

/**
 * Measures the usage of a stack's functions and event sources.
 * @param memoryMb the memory of a function, by its name
 */
export function createUsageMeter(memoryMb: (functionName: string) => number) {
  let noted = nothing();

  function add({ counts }: Noted, added: ReadonlyMap<Count, number>): void {
    for (const [name, number] of added) counts.set(name, (counts.get(name) ?? 0) + number);
  }

  const around: Around = async ({ scope, request }, handle) => {
    if (!isOfStack(scope)) return handle(request);
    const response = await handle(scope.service === 'dynamodb' ? withConsumedCapacity(request) : request);
    if (!('lost' in response)) add(noted, noteCall(noted, scope, request, response));
    return response;
  };

  return {
    around,
    onInvocation(functionName: string, durationMs: number): void {
      const memory = memoryMb(functionName);
      const lines = platformLines({ durationMs, memoryMb: memory });
      const counts = new Map<Count, number>([
        ['invocations', 1],
        ['gbSeconds', (Math.ceil(durationMs) / 1000) * (memory / 1024)],
        ['platformLogBytes', Buffer.byteLength(lines)],
      ]);
      add(noted, counts);
    },
    onLog(line: string): void {
      add(noted, new Map([['logBytes', Buffer.byteLength(line)]]));
      const { metrics } = noted;
      if (line.includes('"_aws"'))
        addEmbeddedMetrics(line, 0, { add: (metric) => metrics.add(JSON.stringify(metric)) });
    },
    /** The usage since the last call. */
    take(): Usage {
      const { counts, ...sets } = noted;
      noted = nothing();
      return { ...sets, count: (name) => counts.get(name) ?? 0 };
    },
  };
}

/** Sessions of roles belong to functions and event sources. Every other caller belongs to the benchmark. */
function isOfStack({ accessKeyId }: CredentialScope): boolean {
  return accessKeyId.startsWith('ASIA');
}

function noteCall(
  { tableUsers, publishers }: Noted,
  { service, accessKeyId }: CredentialScope,
  request: ServiceRequest,
  response: Exclude<ServiceResponse, { lost: true }>,
): ReadonlyMap<Count, number> {
  switch (service) {
    case 'dynamodb': {
      const { tables, counts } = dynamoDbUnits(request, response);
      for (const table of tables) tableUsers.add(`${accessKeyId} ${table}`);
      return counts;
    }
    case 'sqs':
      return sqsUsage(request, response);
    case 'sns':
      publishers.add(accessKeyId);
      return snsUsage(request);
    case 's3':
      return s3Usage(request);
    case 'ivschat':
    case 'scheduler':
      // AWS charges for chat messages and for the invocations by schedules, but not for calls of these APIs.
      return new Map();
    default:
      throw new Error(`The benchmark does not know what a call to ${service} costs`);
  }
}

function s3Usage({ method }: ServiceRequest): ReadonlyMap<Count, number> {
  if (method === 'DELETE') return new Map();
  return new Map([[method === 'PUT' || method === 'POST' ? 's3Writes' : 's3Reads', 1]]);
}
