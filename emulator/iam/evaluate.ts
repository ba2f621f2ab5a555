import { conditionHolds, type RequestContext } from './conditions.ts';
import type { IdentityPolicy, PolicyPrincipal, ResourcePolicy, TrustPolicy } from './policy.ts';
import { matchesWildcards } from './wildcards.ts';

/** One permission that a call needs. A call may need several. */
export interface NeededPermission {
  /** Such as `sqs:SendMessage`. */
  action: string;
  /** The ARN of the resource. For an action on all resources of a kind, or on one that does not exist yet, the name in the ARN is `*`. */
  resource: string;
  context: RequestContext;
}

export type Caller =
  | { kind: 'service'; service: string }
  /** `arn`: the ARN of the user or the role. */
  | { kind: 'identity'; arn: string; policies: readonly IdentityPolicy[] };

/** An action and a resource, as a statement allows them. */
export interface Grant {
  sid: string;
  action: string;
  resource: string;
}

export type Decision = { allowed: true; by: Grant[] } | { allowed: false; because: Refusal };

/** Why a call is refused, in AWS's words. */
export type Refusal =
  | 'with an explicit deny in an identity-based policy'
  | 'with an explicit deny in a resource-based policy'
  | 'because no identity-based policy allows it';

/**
 * Decides as AWS does within one account:
 *
 * - "By default, all requests are implicitly denied […]. An explicit deny overrides an explicit allow."
 *   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * - "If either the identity-based policy or the resource-based policy within the same account allows the request and the other doesn't, the
 *   request is still allowed."
 *   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 *
 * Permissions boundaries, session policies and service control policies are not supported.
 */
export function decide(caller: Caller, needed: NeededPermission, resourcePolicy: ResourcePolicy | undefined): Decision {
  const ofIdentity = (caller.kind === 'identity' ? caller.policies : []).flatMap(({ Statement }) => Statement);
  const ofResource = (resourcePolicy?.Statement ?? []).filter(({ Principal }) => names(Principal, caller));
  const denies = (statement: IdentityStatement) => statement.Effect === 'Deny' && applies(statement, needed);
  if (ofIdentity.some(denies)) return { allowed: false, because: 'with an explicit deny in an identity-based policy' };
  if (ofResource.some(denies)) return { allowed: false, because: 'with an explicit deny in a resource-based policy' };
  const allowing = [...ofIdentity, ...ofResource].filter((statement) => applies(statement, needed));
  if (allowing.length === 0) return { allowed: false, because: 'because no identity-based policy allows it' };
  return { allowed: true, by: allowing.flatMap((each) => grantsOf(each).filter((grant) => matches(grant, needed))) };
}

/** Whether a service may act as a role. */
export function mayAssume(trust: TrustPolicy, service: string, context: RequestContext): boolean {
  const applying = trust.Statement.filter(
    ({ Principal, Action, Condition }) =>
      names(Principal, { kind: 'service', service }) &&
      Action.some((action) => matchesAction('sts:AssumeRole', action)) &&
      conditionHolds(Condition, context),
  );
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

type IdentityStatement = IdentityPolicy['Statement'][number];

/** Every action that a statement names, on every resource that it names. */
export function grantsOf({ Sid = '', Action, Resource }: IdentityStatement): Grant[] {
  return Action.flatMap((action) => Resource.map((resource) => ({ sid: Sid, action, resource })));
}

function applies(statement: IdentityStatement, needed: NeededPermission): boolean {
  return (
    grantsOf(statement).some((grant) => matches(grant, needed)) && conditionHolds(statement.Condition, needed.context)
  );
}

function matches({ action, resource }: Grant, needed: NeededPermission): boolean {
  return matchesAction(needed.action, action) && matchesWildcards(needed.resource, resource);
}

/**
 * "The prefix and the action name are case insensitive."
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
function matchesAction(action: string, pattern: string): boolean {
  return matchesWildcards(action.toLowerCase(), pattern.toLowerCase());
}

/** `{ AWS: '*' }` matches every caller, including services. */
function names({ Service, AWS }: PolicyPrincipal, caller: Caller): boolean {
  if (AWS.includes('*')) return true;
  if (caller.kind === 'service') return Service.includes(caller.service);
  return AWS.includes(caller.arn);
}
