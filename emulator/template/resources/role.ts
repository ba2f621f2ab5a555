import * as z from 'zod';
import { ACCOUNT_ID } from '../../account.ts';
import { identityPolicySchema, parsePolicy, trustPolicySchema } from '../../iam/policy.ts';
import { roleIdOf } from '../role-id.ts';
import { ignored, kind } from './kind.ts';

// Managed policies are not supported, because the emulator does not know what they allow.
const properties = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  Description: ignored,
  Tags: ignored,
});

/** A role. In the emulator, its name is its logical id. */
export const makeRole = kind(properties, async (logicalId, { AssumeRolePolicyDocument, Policies }, { iam }) => {
  iam.putRole({
    name: logicalId,
    trust: parsePolicy(trustPolicySchema, AssumeRolePolicyDocument, `the principals of ${logicalId}`),
    policies: Policies.map(({ PolicyName, PolicyDocument }) =>
      parsePolicy(identityPolicySchema, PolicyDocument, `${logicalId}, ${PolicyName}`),
    ),
  });
  const attributes = { Arn: `arn:aws:iam::${ACCOUNT_ID}:role/${logicalId}`, RoleId: roleIdOf(logicalId) };
  return { ref: logicalId, attributes };
});
