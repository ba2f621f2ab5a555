import * as z from 'zod';
import { problemWithCondition } from './conditions.ts';

/** Every caller (`*`), one role or one user. An account is not supported as a principal, because the emulator has only one account. */
const awsPrincipal = z
  .string()
  .regex(/^(\*|arn:aws:iam::\d{12}:(role|user)\/.+)$/, 'only *, roles and users are supported');

const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
/**
 * AWS replaces a variable such as `${aws:username}` with a value of the request. A comparison with the name of the variable would be wrong.
 */
const withoutVariables = z.array(z.string().regex(/^(?!.*\$\{)/s, 'policy variables are not supported'));
/** A policy may also write condition values as booleans and numbers. */
const conditionValues = z
  .union([z.array(z.coerce.string()), z.union([z.string(), z.boolean(), z.number()]).transform((one) => [String(one)])])
  .pipe(withoutVariables);

const conditionSchema = z
  .record(z.string(), z.record(z.string(), conditionValues))
  .superRefine((condition, { addIssue }) => {
    for (const [operator, values] of Object.entries(condition))
      for (const key of Object.keys(values)) {
        const message = problemWithCondition(operator, key);
        if (message !== undefined) addIssue({ code: 'custom', path: [operator, key], message });
      }
  });

export interface PolicyPrincipal {
  Service: string[];
  AWS: string[];
}

const principalSchema = z.union([
  z.literal('*').transform((everybody): PolicyPrincipal => ({ Service: [], AWS: [everybody] })),
  z.strictObject({ Service: oneOrMore.default([]), AWS: oneOrMore.pipe(z.array(awsPrincipal)).default([]) }),
]);

/** NotAction, NotResource and NotPrincipal are not supported. A statement with one of them is an error. */
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Condition: conditionSchema.default({}),
});
const identityStatement = statementSchema.extend({ Resource: oneOrMore.pipe(withoutVariables) });
const resourceStatement = identityStatement.extend({ Principal: principalSchema });
const trustStatement = statementSchema.extend({ Principal: principalSchema });

function policyOf<Statement extends z.ZodType>(statement: Statement) {
  return z.strictObject({
    Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
    Id: z.string().optional(),
    Statement: z.union([z.array(statement), statement.transform((one) => [one])]),
  });
}

/** A policy of a role or a user. It determines what the role or user may do. */
export const identityPolicySchema = policyOf(identityStatement);
/** A policy of a queue, a topic, a bucket or a function. It determines who may use the resource, and for which actions. */
export const resourcePolicySchema = policyOf(resourceStatement);
/** A role's `AssumeRolePolicyDocument`. It determines who may act as the role. */
export const trustPolicySchema = policyOf(trustStatement);

export type IdentityPolicy = z.output<typeof identityPolicySchema>;
export type ResourcePolicy = z.output<typeof resourcePolicySchema>;
export type TrustPolicy = z.output<typeof trustPolicySchema>;

/** @throws Error that names each part of the policy that the emulator cannot evaluate, such as an unknown condition operator or key */
export function parsePolicy<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
  whose: string,
): z.output<Schema> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new Error(`The policy of ${whose} cannot be evaluated:\n${z.prettifyError(parsed.error)}`);
}
