/** The concurrent invocations of all functions of an account. Lambda throttles invocations above the limit. */
export interface AccountConcurrency {
  /** Runs an invocation. @returns undefined if the invocation was throttled and did not run */
  run<Result>(invocation: () => Promise<Result>): Promise<Result | undefined>;
  /** The number of invocations that have been throttled so far. */
  throttles(): number;
}

/**
 * "By default, Lambda provides your account with a total concurrency limit of 1,000 concurrent executions across all functions in an AWS Region":
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html. New accounts have a lower limit.
 */
export function createAccountConcurrency(limit = Number.POSITIVE_INFINITY): AccountConcurrency {
  let running = 0;
  let throttles = 0;
  return {
    throttles: () => throttles,
    async run(invocation) {
      if (running >= limit) {
        throttles += 1;
        return undefined;
      }
      running += 1;
      try {
        return await invocation();
      } finally {
        running -= 1;
      }
    },
  };
}
