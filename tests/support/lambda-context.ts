import type { Context } from 'aws-lambda';

export const REGION = 'eu-west-1';
export const ACCOUNT = '000000000000';

/** The Lambda context of an invocation with this deadline. */
export function contextUntil(deadlineMs: number): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'provision-rooms',
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:provision-rooms`,
    memoryLimitInMB: '256',
    awsRequestId: 'request',
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
