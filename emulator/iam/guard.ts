import type { CredentialScope } from '../gateway/credential-scope.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import { accessDenied } from './access-denied.ts';
import type { RequestContext } from './conditions.ts';
import type { NeededPermission } from './evaluate.ts';
import type { Iam, PolicyOf } from './iam.ts';
import { neededByDynamoDb } from './requests/dynamodb.ts';
import { neededByIvsChat } from './requests/ivschat.ts';
import type { Needed, ReadNeeded, ResourceFacts } from './requests/needed.ts';
import { neededByS3, neededToLearnThatItIsMissing } from './requests/s3.ts';
import { neededByScheduler } from './requests/scheduler.ts';
import { neededBySns } from './requests/sns.ts';
import { neededBySqs } from './requests/sqs.ts';

const readers = new Map(
  Object.entries<ReadNeeded>({
    sqs: neededBySqs,
    sns: neededBySns,
    s3: neededByS3,
    dynamodb: neededByDynamoDb,
    ivschat: neededByIvsChat,
    scheduler: neededByScheduler,
  }),
);

/** An operation that the emulator does not know needs this permission. No policy grants it, so the operation is refused. */
const UNKNOWN_OPERATION: Needed = { action: 'unknown:Operation', resource: '*' };

export interface GuardSettings {
  iam: Iam;
  facts: ResourceFacts;
  /** The policy of a queue. */
  queuePolicy: PolicyOf;
}

/** Checks each request before a service receives it. */
export interface Guard {
  /** The refusal, if the caller may not make this request; undefined if the request is permitted. */
  refuse(scope: CredentialScope, request: ServiceRequest): ServiceResponse | undefined;
  /** The response that the caller may see, which can be a refusal instead of the service's response. */
  review(scope: CredentialScope, request: ServiceRequest, response: ServiceResponse): ServiceResponse;
}

export function createGuard({ iam, facts, queuePolicy }: GuardSettings): Guard {
  const policyOf: PolicyOf = (arn) =>
    arn.startsWith('arn:aws:sqs:') ? queuePolicy(arn) : iam.resourcePolicy(holderOf(arn));

  function check({ accessKeyId, service }: CredentialScope, request: ServiceRequest, needed: Needed[]) {
    const context = contextOf(request);
    const permissions = needed.map((each): NeededPermission => ({ ...each, context: { ...context, ...each.context } }));
    const denial = iam.refusal(accessKeyId, permissions, policyOf);
    return denial && accessDenied(service, denial, request);
  }

  return {
    refuse(scope, request) {
      const needed = readers.get(scope.service)?.(request, facts) ?? [UNKNOWN_OPERATION];
      return check(scope, request, needed);
    },
    review(scope, request, response) {
      if (scope.service !== 's3' || 'lost' in response || response.status !== 404) return response;
      return check(scope, request, neededToLearnThatItIsMissing(request)) ?? response;
    },
  };
}

/** The resource whose policy applies to `arn`. For an object, this is its bucket. */
function holderOf(arn: string): string {
  return arn.startsWith('arn:aws:s3:::') ? arn.replace(/\/.*$/, '') : arn;
}

/**
 * Loopback has no TLS. A request counts as a TLS request, because the same client would use TLS on AWS. The exception is a request whose
 * header `x-forwarded-proto` is `http`: a proxy that terminates TLS sets this header if its client did not use TLS.
 */
function contextOf({ headers }: ServiceRequest): RequestContext {
  return { 'aws:securetransport': String(headers['x-forwarded-proto'] !== 'http') };
}
