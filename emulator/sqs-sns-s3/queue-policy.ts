import * as z from 'zod';
import { ACCOUNT_ID } from '../account.ts';
import type { SqsQueue } from './fauxqs-types.ts';

/** A service that sends for one of its resources. */
export interface SendingService {
  principal: 'sns.amazonaws.com' | 's3.amazonaws.com';
  /** The topic or bucket for which it sends. */
  sourceArn: string;
}

const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const conditionSchema = z.record(z.string(), z.record(z.string(), oneOrMore));

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.union([
    z.literal('*').transform(() => ({ Service: [], AWS: ['*'] })),
    z.strictObject({ Service: oneOrMore.default([]), AWS: oneOrMore.default([]) }),
  ]),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: conditionSchema.default({}),
});

/** The part of a queue's policy that the emulator evaluates. A policy with other parts is invalid, so that none is ignored by mistake. */
export const policySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([z.array(statementSchema), statementSchema.transform((one) => [one])]),
});
type Statement = z.output<typeof statementSchema>;

/** How each condition operator compares values of a request's context. */
const OPERATORS = new Map(
  Object.entries<(value: string, pattern: string) => boolean>({
    StringEquals: (value, text) => value === text,
    StringLike: matches,
    ArnEquals: matches,
    ArnLike: matches,
    Bool: (value, text) => value === text.toLowerCase(),
  }),
);

/** Used for the template, where an unknown condition must not be ignored. @throws Error if the policy has one */
export function requireKnownConditions(policy: z.output<typeof policySchema>): void {
  const unknown = policy.Statement.flatMap(({ Condition }) => Object.keys(Condition)).filter(
    (name) => !OPERATORS.has(name),
  );
  if (unknown.length > 0) throw new Error(`conditions of the kind ${unknown.join(', ')} are not supported`);
}

/**
 * Whether the queue's policy lets a service send to it. Without an Allow, the answer is no, and a Deny overrides every Allow:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function maySend(queue: SqsQueue, sender: SendingService): boolean {
  const statements = statementsOf(queue.attributes.Policy);
  const applies = (effect: Statement['Effect']) =>
    statements.some((statement) => statement.Effect === effect && isAbout(statement, queue, sender));
  return applies('Allow') && !applies('Deny');
}

/** A policy that cannot be read counts as one without statements, so that it allows nothing by mistake. */
function statementsOf(policy: string | undefined): Statement[] {
  if (policy === undefined || policy === '') return [];
  try {
    return policySchema.parse(JSON.parse(policy)).Statement;
  } catch {
    return [];
  }
}

function isAbout({ Principal, Action, Resource, Condition }: Statement, queue: SqsQueue, sender: SendingService) {
  const context: Record<string, string> = {
    'aws:sourcearn': sender.sourceArn,
    'aws:sourceaccount': ACCOUNT_ID,
    'aws:securetransport': 'true',
  };
  // `{ AWS: '*' }` matches every caller, including services; `{ Service: … }` names services.
  const principals = [...Principal.Service, ...Principal.AWS];
  return (
    principals.some((each) => each === '*' || each === sender.principal) &&
    Action.some((each) => matches('sqs:sendmessage', each.toLowerCase())) &&
    Resource.some((each) => matches(queue.arn, each)) &&
    Object.entries(Condition).every(([operator, values]) =>
      Object.entries(values).every(([key, patterns]) => {
        const value = context[key.toLowerCase()];
        return value !== undefined && patterns.some((pattern) => OPERATORS.get(operator)?.(value, pattern) ?? false);
      }),
    )
  );
}

/** `*` matches any string, and `?` matches any single character. */
function matches(value: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}
