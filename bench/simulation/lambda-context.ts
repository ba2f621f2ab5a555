import type { Context } from 'aws-lambda';

/** Lambda's context of an invocation that must end at `deadlineMs` by the clock of its environment. */
export function lambdaContext(deadlineMs: number, nowMs: () => number): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'greenroom-prod-provision-rooms',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:greenroom-prod-provision-rooms',
    memoryLimitInMB: '256',
    awsRequestId: 'simulated',
    logGroupName: '/aws/lambda/greenroom-prod-provision-rooms',
    logStreamName: 'simulated',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - nowMs()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
