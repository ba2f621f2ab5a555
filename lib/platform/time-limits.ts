/** Time limits that actually end a call. By default the SDK sets none of them, and `requestTimeout` alone only logs a warning. */
export function timeLimits(ms: number) {
  return { connectionTimeout: Math.min(ms, 2_000), requestTimeout: ms, socketTimeout: ms, throwOnRequestTimeout: true };
}
