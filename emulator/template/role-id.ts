import { uniqueId } from '../gateway/principals.ts';

/**
 * The value of `Fn::GetAtt` for a role's `RoleId`. SQS identifies the sender of a message by this id. The same role must therefore always
 * have the same id, and no two roles may share one.
 */
export function roleIdOf(logicalId: string): string {
  return uniqueId('AROA', logicalId);
}
