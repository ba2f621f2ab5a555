import { ACCOUNT_ID } from '../emulator/account.ts';
import type { Gateway } from '../emulator/gateway/gateway.ts';
import type { LambdaDefinition } from '../emulator/lambda/definitions.ts';
import type { Isolation } from '../emulator/lambda/isolates.ts';
import { createLambdaFunction, type LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { LOCAL_ACCESS_KEY_ID } from './stack-clients.ts';

export interface FunctionOptions {
  isolation: Isolation;
  region: string;
  /** The variables with which the SDK finds the services. */
  extraEnvironment: Record<string, string>;
  onLog(functionName: string, line: string): void;
  onInvocation(functionName: string, durationMs: number): void;
}

/** Starts a function. A session of its role signs the requests that it sends. */
export function startFunction(
  definition: LambdaDefinition,
  options: FunctionOptions,
  gateway: Gateway,
): Promise<LambdaFunction> {
  const accessKeyId = accessKeyOf(definition, gateway);
  const mayLog = () => mayWriteLog(definition, accessKeyId, options.region, gateway);
  return createLambdaFunction(definition, { ...options, accessKeyId, mayLog });
}

/** A session of the function's role has the function's name: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html */
export function accessKeyOf({ name, roleArn }: LambdaDefinition, { iam }: Gateway): string {
  if (roleArn === undefined) return LOCAL_ACCESS_KEY_ID;
  return iam.assumeRole({ roleArn, service: 'lambda.amazonaws.com', session: name });
}

/** Lambda writes the log with the function's role: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
function mayWriteLog({ name }: LambdaDefinition, accessKeyId: string, region: string, { iam }: Gateway): boolean {
  const resource = `arn:aws:logs:${region}:${ACCOUNT_ID}:log-group:/aws/lambda/${name}:log-stream:local`;
  const needed = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource, context: {} }));
  return iam.refusal(accessKeyId, needed, () => undefined) === undefined;
}
