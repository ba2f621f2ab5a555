import { describe, expect, test } from '@jest/globals';
import { contextKey } from '../../../emulator/iam/conditions.ts';
import { type Caller, decide, mayAssume } from '../../../emulator/iam/evaluate.ts';
import {
  identityPolicySchema,
  parsePolicy,
  resourcePolicySchema,
  trustPolicySchema,
} from '../../../emulator/iam/policy.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:000000000000:inbox';
const ROLE = 'arn:aws:iam::000000000000:role/Worker';

type Statement = Record<string, unknown>;
const ALLOW = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE };
const DENY = { ...ALLOW, Effect: 'Deny' };

const identity = (...Statement: Statement[]) => parsePolicy(identityPolicySchema, { Statement }, 'the role');
const resource = (...Statement: Statement[]) =>
  parsePolicy(resourcePolicySchema, { Statement: Statement.map((each) => ({ Principal: '*', ...each })) }, 'the queue');

/** Whether the role may send a message to the queue. */
function maySend(
  policies: { identity?: Statement[]; resource?: Statement[] },
  context: Record<string, string> = {},
): boolean {
  const caller: Caller = { kind: 'identity', arn: ROLE, policies: [identity(...(policies.identity ?? []))] };
  const needed = { action: 'sqs:SendMessage', resource: QUEUE, context };
  return decide(caller, needed, policies.resource && resource(...policies.resource)).allowed;
}

/*
 * "By default, all requests are implicitly denied […]. Requests must be explicitly allowed by a policy or set of policies […]. An explicit
 * deny overrides an explicit allow."
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * "If either the identity-based policy or the resource-based policy within the same account allows the request and the other doesn't, the
 * request is still allowed."
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
test.each<[string, boolean, { identity?: Statement[]; resource?: Statement[] }]>([
  ['no policy at all', false, {}],
  ['an allow by the role', true, { identity: [ALLOW] }],
  ['an allow by the queue', true, { resource: [ALLOW] }],
  ['an allow by the queue for this role', true, { resource: [{ ...ALLOW, Principal: { AWS: ROLE } }] }],
  ['an allow by the queue for another role', false, { resource: [{ ...ALLOW, Principal: { AWS: `${ROLE}2` } }] }],
  [
    'an allow by the queue for a service',
    false,
    { resource: [{ ...ALLOW, Principal: { Service: 'sns.amazonaws.com' } }] },
  ],
  ['an allow by the role and a deny by the queue', false, { identity: [ALLOW], resource: [DENY] }],
  ['an allow by the queue and a deny by the role', false, { identity: [DENY], resource: [ALLOW] }],
  ['an allow and a deny by the role, in this order', false, { identity: [ALLOW, DENY] }],
  ['a deny of another action', true, { identity: [ALLOW, { ...DENY, Action: 'sqs:DeleteMessage' }] }],
  ['a deny of everything', false, { identity: [ALLOW, { ...DENY, Action: '*', Resource: '*' }] }],
])('with %s, the call is allowed: %s', (_which, allowed, policies) => {
  expect(maySend(policies)).toBe(allowed);
});

/*
 * "You can use multi-character match wildcards (*) and single-character match wildcards (?) anywhere in the action name […]. The prefix and
 * the action name are case insensitive." https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html; the same
 * wildcards in resources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
test.each<[boolean, Statement]>([
  [true, { Action: 'SQS:sendmessage' }],
  [true, { Action: 'sqs:Send*' }],
  [true, { Action: ['sqs:ReceiveMessage', 'sqs:S?ndMessage'] }],
  [true, { Action: '*' }],
  [false, { Action: 'sqs:SendMessageBatch' }],
  [false, { Action: 'sqs:Send' }],
  [false, { Action: 'sns:*' }],
  [true, { Resource: '*' }],
  [true, { Resource: 'arn:aws:sqs:*:000000000000:in*' }],
  [true, { Resource: ['arn:aws:s3:::a', 'arn:aws:sqs:eu-west-?:000000000000:inbox'] }],
  [false, { Resource: 'arn:aws:sqs:eu-west-1:000000000000:in' }],
  [false, { Resource: QUEUE.toUpperCase() }],
  [false, { Resource: 'arn:aws:sqs:eu-west-1:000000000000:in.ox' }],
])('the call is allowed (%s) by a statement with %j', (allowed, changes) => {
  expect(maySend({ identity: [{ ...ALLOW, ...changes }] })).toBe(allowed);
});

describe('a condition', () => {
  const context = {
    'aws:securetransport': 'true',
    'aws:sourcearn': 'arn:aws:sns:eu-west-1:000000000000:news',
    'aws:requesttag/greenroom:stage': 'prod.eu-west-1',
  };

  /*
   * "If your policy has multiple condition operators or multiple keys attached to a single condition operator, the conditions are evaluated
   * using a logical AND. If a single condition operator includes multiple values for a context key, those values are evaluated using a
   * logical OR. […] If the key that you specify in a policy condition is not present in the request context, the values do not match."
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
   */
  test.each<[boolean, Record<string, Record<string, unknown>>]>([
    [true, { Bool: { 'aws:SecureTransport': 'true' } }],
    [true, { Bool: { 'aws:SecureTransport': true } }],
    [false, { Bool: { 'aws:SecureTransport': 'false' } }],
    [true, { StringEquals: { 'aws:RequestTag/greenroom:stage': ['prod', 'prod.eu-west-1'] } }],
    [false, { StringEquals: { 'aws:RequestTag/greenroom:stage': 'prod' } }],
    [false, { StringEquals: { 'aws:RequestTag/Greenroom:Stage': 'prod.eu-west-1' } }],
    [false, { StringEquals: { 'aws:ResourceTag/greenroom:stage': 'prod.eu-west-1' } }],
    [true, { StringLike: { 'AWS:requesttag/greenroom:stage': 'prod.*' } }],
    [false, { StringEquals: { 'aws:RequestTag/greenroom:stage': 'prod.*' } }],
    [true, { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:000000000000:n?ws' } }],
    [false, { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*' } }],
    [true, { StringLike: { 'aws:SourceArn': 'arn:aws:sns:*' } }],
    [true, { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:*:news' }, Bool: { 'aws:SecureTransport': 'true' } }],
    [false, { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:*:news' }, Bool: { 'aws:SecureTransport': 'false' } }],
    [false, { StringEquals: { 'aws:SourceAccount': '000000000000' } }],
  ])('is met (%s): %j', (holds, Condition) => {
    expect(maySend({ identity: [{ ...ALLOW, Condition }] }, context)).toBe(holds);
    // A deny with the same condition takes effect in the same cases.
    expect(maySend({ identity: [ALLOW, { ...DENY, Condition }] }, context)).toBe(!holds);
  });

  test.each([
    ['StringNotEquals', 'aws:SourceArn'],
    ['ForAnyValue:StringEquals', 'aws:TagKeys'],
    ['StringEqualsIfExists', 'aws:SourceArn'],
    ['Null', 'aws:SourceArn'],
    ['StringEquals', 'aws:PrincipalArn'],
    ['StringEquals', 'aws:SourceArn '],
  ])('with %s on "%s", which the emulator does not evaluate, is an error', (operator, key) => {
    const policy = () => identity({ ...ALLOW, Condition: { [operator]: { [key]: 'value' } } });
    expect(policy).toThrow(/^The policy of the role cannot be evaluated:\n.* is not supported/);
  });

  test('has case-insensitive keys, but case-sensitive tag names', () => {
    expect(contextKey('AWS:SourceARN')).toBe('aws:sourcearn');
    expect(contextKey('aws:ResourceTag/Team')).toBe('aws:resourcetag/Team');
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
test.each<[string, Statement]>([
  ['a resource', { Resource: `${QUEUE}-\${aws:username}` }],
  [
    'a condition',
    { Condition: { StringEquals: { 'aws:RequestTag/owner': ['nobody', `\${aws:PrincipalTag/owner}`] } } },
  ],
])(
  'a policy variable in %s is an error, because the emulator would compare its name instead of its value',
  (_where, changes) => {
    expect(() => identity({ ...DENY, ...changes })).toThrow(/policy variables are not supported/);
    expect(() => resource({ ...DENY, ...changes })).toThrow(/policy variables are not supported/);
  },
);

test.each([
  ['NotAction', { ...ALLOW, NotAction: 'sqs:*' }],
  ['NotResource', { ...ALLOW, NotResource: '*' }],
  ['Principal', { ...ALLOW, Principal: '*' }],
])('a role policy with %s is an error', (part, statement) => {
  expect(() => identity(statement)).toThrow(part);
});

describe('a role', () => {
  const trust = (statement: object) =>
    parsePolicy(
      trustPolicySchema,
      {
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Action: 'sts:AssumeRole',
          ...statement,
        },
      },
      'the role',
    );
  const group = 'arn:aws:scheduler:eu-west-1:000000000000:schedule-group/shows';
  const Condition = { StringEquals: { 'aws:SourceArn': group } };

  test.each<[boolean, object, string, Record<string, string>]>([
    [true, {}, 'scheduler.amazonaws.com', {}],
    [false, {}, 'lambda.amazonaws.com', {}],
    [false, { Effect: 'Deny' }, 'scheduler.amazonaws.com', {}],
    [false, { Action: 'sts:TagSession' }, 'scheduler.amazonaws.com', {}],
    [true, { Condition }, 'scheduler.amazonaws.com', { 'aws:sourcearn': group }],
    [false, { Condition }, 'scheduler.amazonaws.com', { 'aws:sourcearn': `${group}2` }],
    [false, { Condition }, 'scheduler.amazonaws.com', {}],
  ])('may be assumed (%s) with %j in its trust policy, by %s', (may, statement, service, context) => {
    expect(mayAssume(trust(statement), service, context)).toBe(may);
  });
});
