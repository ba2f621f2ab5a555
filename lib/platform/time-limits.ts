/** Time limits that really end a call. `requestTimeout` alone only logs a warning, and the SDK sets none of them by default. */
export function timeLimits(ms: number) {
  return { connectionTimeout: Math.min(ms, 2_000), requestTimeout: ms, socketTimeout: ms, throwOnRequestTimeout: true };
}
