import { ACCOUNT_ID } from '../account.ts';
import type { Principals } from '../gateway/principals.ts';
import { roleIdOf } from '../template/role-id.ts';
import type { RequestContext } from './conditions.ts';
import { type Caller, decide, mayAssume, type NeededPermission } from './evaluate.ts';
import {
  type IdentityPolicy,
  identityPolicySchema,
  parsePolicy,
  type ResourcePolicy,
  resourcePolicySchema,
  type TrustPolicy,
} from './policy.ts';
import { createUsage, type Denial, type HeldGrant } from './usage.ts';

export interface Role {
  name: string;
  /** Who may act as the role. */
  trust: TrustPolicy;
  policies: IdentityPolicy[];
}

export interface Assumption {
  roleArn: string;
  /** The service that acts as the role. */
  service: string;
  /** The name of the session. */
  session: string;
  context?: RequestContext;
}

export interface IamOptions {
  principals: Principals;
  /**
   * Whether calls are checked. If not, every call is permitted, but messages from topics and buckets still need the permission of their
   * queue's policy.
   */
  enforces: boolean;
  /** Called whenever a call of a role, or an invocation by a service, is refused. */
  onDenied?: ((denial: Denial) => void) | undefined;
}

/** The roles, users and policies of the account. They are kept in memory only, because the template creates them at every start. */
export interface Iam {
  putRole(role: Role): void;
  /** Creates a user with only this policy. @returns its access key id @throws Error if the policy has parts that cannot be evaluated */
  putUser(name: string, policyDocument: unknown): string;
  /** Sets the policy of a topic, a bucket or a function. */
  putResourcePolicy(arn: string, policyDocument: unknown): void;
  resourcePolicy(arn: string): ResourcePolicy | undefined;
  /** @returns the access key id of a session of the role @throws Error if the role does not exist or does not trust the service */
  assumeRole(assumption: Assumption): string;
  /** Why a caller may not make a call; undefined if the call is permitted. */
  refusal(accessKeyId: string, needed: readonly NeededPermission[], policyOf: PolicyOf): Denial | undefined;
  /**
   * Why a service may not make a call on behalf of a resource; undefined if the call is permitted. Only the policy of the called resource
   * can allow the call.
   */
  refusalOfService(service: string, needed: NeededPermission): Denial | undefined;
  /** The permissions that roles and users have but have not used. */
  unusedGrants(): HeldGrant[];
}

/** The policy of a resource, if it has one. */
export type PolicyOf = (resourceArn: string) => ResourcePolicy | undefined;

/**
 * The caller of a request whose key belongs neither to a session of a role nor to a user. This caller is an administrator of the account.
 * Explicit denials in resource policies still apply.
 */
const ADMINISTRATOR: Identity = {
  name: 'administrator',
  arn: `arn:aws:iam::${ACCOUNT_ID}:user/administrator`,
  signsAs: `arn:aws:iam::${ACCOUNT_ID}:user/administrator`,
  policies: [{ Statement: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} }] }],
  isRole: false,
};

interface Identity {
  name: string;
  /** The ARN of the user or the role, as policies name it. */
  arn: string;
  /** The ARN by which AWS names the caller in errors. For a role, this is the ARN of the session. */
  signsAs: string;
  policies: readonly IdentityPolicy[];
  isRole: boolean;
}

export function createIam({ principals, enforces, onDenied = ignore }: IamOptions): Iam {
  const roles = new Map<string, Role>();
  const users = new Map<string, Identity>();
  const identities = new Map<string, Identity>();
  const resourcePolicies = new Map<string, ResourcePolicy>();
  const usage = createUsage();

  return {
    putRole: (role) => roles.set(roleArn(role.name), role),
    putUser(name, policyDocument) {
      const arn = `arn:aws:iam::${ACCOUNT_ID}:user/${name}`;
      const policies = [parsePolicy(identityPolicySchema, policyDocument, name)];
      const user = { name, arn, signsAs: arn, policies, isRole: false };
      users.set(name, user);
      identities.set(name, user);
      return name;
    },
    putResourcePolicy: (arn, document) => resourcePolicies.set(arn, parsePolicy(resourcePolicySchema, document, arn)),
    resourcePolicy: (arn) => resourcePolicies.get(arn),
    assumeRole({ roleArn: arn, service, session, context = {} }) {
      const role = roles.get(arn);
      if (enforces && !role) throw new Error(`There is no role ${arn}`);
      if (enforces && role && !mayAssume(role.trust, service, context))
        throw new Error(`${service} is not authorized to perform: sts:AssumeRole on resource: ${arn}`);
      const name = role?.name ?? arn.replace(/^.*\//, '');
      const accessKeyId = principals.openSession(roleIdOf(name), session);
      const signsAs = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${name}/${session}`;
      identities.set(accessKeyId, { name, arn, signsAs, policies: role?.policies ?? [], isRole: true });
      return accessKeyId;
    },
    refusal(accessKeyId, needed, policyOf) {
      if (!enforces) return undefined;
      const identity = identities.get(accessKeyId) ?? ADMINISTRATOR;
      const denial = firstDenial(identity, needed, policyOf, usage.note);
      if (denial && identity.isRole) onDenied(denial);
      return denial;
    },
    refusalOfService(service, needed) {
      if (!enforces) return undefined;
      const decision = decide({ kind: 'service', service }, needed, resourcePolicies.get(needed.resource));
      if (decision.allowed) return undefined;
      const denial = { caller: service, action: needed.action, resource: needed.resource, because: decision.because };
      onDenied(denial);
      return denial;
    },
    unusedGrants: () => usage.unused([...roles.values(), ...users.values()]),
  };
}

/** Checks the permissions in turn, and records the grants that give them to the caller. */
function firstDenial(
  { name, arn, signsAs, policies }: Identity,
  needed: readonly NeededPermission[],
  policyOf: PolicyOf,
  note: (holder: string, grant: HeldGrant['grant']) => void,
): Denial | undefined {
  const caller: Caller = { kind: 'identity', arn, policies };
  for (const each of needed) {
    const decision = decide(caller, each, policyOf(each.resource));
    if (!decision.allowed) {
      const { action, resource } = each;
      return { caller: signsAs, action, resource, because: decision.because };
    }
    for (const grant of decision.by) note(name, grant);
  }
  return undefined;
}

function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT_ID}:role/${name}`;
}

function ignore(): void {
  // By default, only the caller learns that a call was refused.
}
