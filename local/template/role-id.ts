import { createHash } from 'node:crypto';

/** "AROA", as every role's id begins, and as many letters as AWS's have: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const PREFIX = 'AROA';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const LENGTH = 17;

/**
 * What `Fn::GetAtt` of a role's `RoleId` is here. Roles have no effect on the embedded stack; but SQS tells by this id who sent
 * a message, so the same role must have the same id wherever it is asked for, and no two roles may share one.
 */
export function roleIdOf(logicalId: string): string {
  const digest = createHash('sha256').update(logicalId).digest();
  return PREFIX + [...digest.subarray(0, LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}
