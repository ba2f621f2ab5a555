import * as z from 'zod';
import { type Finding, notChecked, type Observation } from './finding.ts';

/** The call that a policy must allow. */
export interface PolicyCall {
  /** The service that calls, such as `s3.amazonaws.com`. */
  service: string;
  action: string;
  /** The account and ARN of the resource for which the service calls. */
  sourceAccount: string;
  sourceArn: string;
}

/** `unknown`: the policy has parts that are not evaluated here. */
export type PolicyVerdict = 'allowed' | 'not-allowed' | 'unknown';

const texts = z
  .union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.boolean(), z.number()]))])
  .transform((value) => [value].flat().map(String));

const statementSchema = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([z.literal('*'), z.record(z.string(), texts)]).optional(),
  Action: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
});

const policySchema = z.object({
  Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()),
});

type Statement = z.infer<typeof statementSchema>;
/** Undefined: not evaluated here. */
type Match = boolean | undefined;

/**
 * Whether a resource policy allows a service's call. It evaluates principals, actions, and the conditions with which services are
 * usually restricted: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function judgePolicy(policy: string | undefined, call: PolicyCall): PolicyVerdict {
  if (policy === undefined || policy === '') return 'not-allowed';
  const { data } = policySchema.safeParse(parseJson(policy));
  if (data === undefined) return 'unknown';
  const matchesOf = (effect: Statement['Effect']) =>
    data.Statement.filter(({ Effect }) => Effect === effect).map((statement) => matches(statement, call));
  const denials = matchesOf('Deny');
  const permissions = matchesOf('Allow');
  if (denials.includes(true)) return 'not-allowed';
  if (permissions.every((match) => match === false)) return 'not-allowed';
  return permissions.includes(true) && !denials.includes(undefined) ? 'allowed' : 'unknown';
}

/** The observation about a policy. @param closed the finding if the policy does not allow the call */
export function judged(what: string, verdict: PolicyVerdict, closed: () => Finding): Observation[] {
  switch (verdict) {
    case 'allowed':
      return [];
    case 'not-allowed':
      return [closed()];
    case 'unknown':
      return [notChecked(what, 'the policy has conditions that are not evaluated here')];
  }
}

function matches(statement: Statement, call: PolicyCall): Match {
  return all([
    matchesPrincipal(statement.Principal, call.service),
    statement.Action?.some((pattern) => isLike(pattern.toLowerCase(), call.action.toLowerCase())),
    ...Object.entries(statement.Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) => meets(operator, key, wanted, call)),
    ),
  ]);
}

function matchesPrincipal(principal: Statement['Principal'], service: string): Match {
  if (principal === undefined) return undefined;
  if (principal === '*' || principal.AWS?.includes('*')) return true;
  return principal.Service?.some((each) => each === '*' || each === service) ?? false;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function meets(operator: string, key: string, wanted: readonly string[], call: PolicyCall): Match {
  const value = contextValue(key, call);
  if (value === undefined) return undefined;
  switch (operator.replace(/IfExists$/, '')) {
    case 'StringEquals':
    case 'Bool':
      return wanted.includes(value);
    case 'StringLike':
    case 'ArnEquals':
    case 'ArnLike':
      return wanted.some((pattern) => isLike(pattern, value));
    default:
      return undefined;
  }
}

function contextValue(key: string, { sourceAccount, sourceArn }: PolicyCall): string | undefined {
  switch (key.toLowerCase()) {
    case 'aws:sourceaccount':
      return sourceAccount;
    case 'aws:sourcearn':
      return sourceArn;
    // AWS services call each other over TLS.
    case 'aws:securetransport':
      return 'true';
    default:
      return undefined;
  }
}

/** False if any part does not match, undefined if any part is not evaluated. */
function all(parts: readonly Match[]): Match {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function isLike(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
