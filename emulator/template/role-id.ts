import { uniqueId } from '../gateway/principals.ts';

/**
 * What `Fn::GetAtt` of a role's `RoleId` is here. Roles have no effect on the embedded stack; but SQS tells by this id who sent
 * a message, so the same role must have the same id wherever it is asked for, and no two roles may share one.
 */
export function roleIdOf(logicalId: string): string {
  return uniqueId('AROA', logicalId);
}
