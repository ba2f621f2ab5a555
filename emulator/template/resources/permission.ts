import * as z from 'zod';
import { kind } from './kind.ts';

/** The principal, which is a service, and the resource on whose behalf it invokes the function. */
const permissionProperties = z.strictObject({
  FunctionName: z.string().regex(/^arn:[^:]+:lambda:/, 'only the ARN of a function is supported'),
  Action: z.literal('lambda:InvokeFunction'),
  Principal: z.string().endsWith('.amazonaws.com', 'only services are supported'),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

/** Adds a statement to the function's policy, as Lambda does: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export const makePermission = kind(permissionProperties, async (logicalId, properties, { iam }) => {
  const { FunctionName, Action, Principal, SourceArn, SourceAccount } = properties;
  const statement = {
    Sid: logicalId,
    Effect: 'Allow',
    Principal: { Service: Principal },
    Action,
    Resource: FunctionName,
    Condition: {
      ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
      ...(SourceAccount !== undefined && { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
    },
  };
  const before = iam.resourcePolicy(FunctionName)?.Statement ?? [];
  iam.putResourcePolicy(FunctionName, { Statement: [...before.filter(({ Sid }) => Sid !== logicalId), statement] });
  return { ref: logicalId, attributes: { Id: logicalId } };
});
