import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

/** A Lambda handler whose log lines carry the request id and the function's name. */
export function createHandler<Result>(log: Logger, handle: (event: unknown, context: Context) => Promise<Result>) {
  return middy({
    // By default middy responds shortly before the timeout without waiting for the work, which would then continue in the next invocation.
    timeoutEarlyInMillis: 0,
  })
    .use(injectLambdaContext(log))
    .handler(handle);
}
