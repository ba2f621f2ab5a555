import { matchesArn, matchesWildcards } from './wildcards.ts';

/** The `Condition` of a statement: for each operator and key, a list of values. One of the values must match. */
export type Condition = Record<string, Record<string, string[]>>;

/** The context of a request: the values of condition keys. Names of keys are in lower case, except the name of a tag. */
export type RequestContext = Readonly<Record<string, string>>;

/**
 * How each condition operator compares a value of the context with one of the policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const OPERATORS = new Map(
  Object.entries<(value: string, wanted: string) => boolean>({
    StringEquals: (value, wanted) => value === wanted,
    StringLike: matchesWildcards,
    ArnEquals: matchesArn,
    ArnLike: matchesArn,
    Bool: (value, wanted) => value === wanted.toLowerCase(),
  }),
);

/** The condition keys that the emulator supports, because it knows in which requests AWS sets them. */
const KEYS = ['aws:securetransport', 'aws:sourcearn', 'aws:sourceaccount', 'iam:passedtoservice', 'lambda:functionarn'];
const TAG_KEY = /^aws:(requesttag|resourcetag)\/(.+)$/i;

/** Why a condition cannot be evaluated; undefined if it can. An unknown condition must not be ignored, and must not match by mistake. */
export function problemWithCondition(operator: string, key: string): string | undefined {
  if (!OPERATORS.has(operator)) return `the condition operator ${operator} is not supported`;
  if (!KEYS.includes(contextKey(key)) && !TAG_KEY.test(key)) return `the condition key ${key} is not supported`;
  return undefined;
}

/**
 * "Condition key names are not case-sensitive", but tag values and, in most services, tag keys are compared as they are.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function contextKey(key: string): string {
  const [, kind, tag] = TAG_KEY.exec(key) ?? [];
  return kind === undefined ? key.toLowerCase() : `aws:${kind.toLowerCase()}/${tag}`;
}

/** The tags of a request or a resource, as condition keys. */
export function tagContext(kind: 'requesttag' | 'resourcetag', tags: Record<string, string> = {}): RequestContext {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:${kind}/${name}`, value]));
}

/**
 * Every operator and key of a condition must match. A key matches if one of its values matches. "If the key that you specify in a policy
 * condition is not present in the request context, the values do not match."
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
export function conditionHolds(condition: Condition, context: RequestContext): boolean {
  return Object.entries(condition).every(([operator, values]) =>
    Object.entries(values).every(([key, wanted]) => {
      const value = context[contextKey(key)];
      return value !== undefined && wanted.some((each) => OPERATORS.get(operator)?.(value, each) ?? false);
    }),
  );
}
