/** Time limits that really end a call: `requestTimeout` alone only logs a warning, and none of them is set by default. */
export function timeLimits(ms: number) {
  return { connectionTimeout: Math.min(ms, 2_000), requestTimeout: ms, socketTimeout: ms, throwOnRequestTimeout: true };
}
