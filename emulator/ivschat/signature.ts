import { type ApiError, apiError } from './errors.ts';

const DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Epoch milliseconds of an `X-Amz-Date`; undefined if there is none or it cannot be read. */
export function signedAtMs(headers: Record<string, string>): number | undefined {
  const parsed = Date.parse((headers['x-amz-date'] ?? '').replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(parsed) ? undefined : parsed;
}

/**
 * The error of Signature Version 4, in AWS's words, for a request whose signing date is missing or outside the lifetime. The signature
 * itself is not verified, because the emulator has no secrets. An unsigned request is refused too, so that a client without credentials is
 * noticed.
 */
export function refuseSignature(
  headers: Record<string, string>,
  nowMs: number,
  lifetimeMs: number,
): ApiError | undefined {
  if (!headers.authorization) {
    return apiError('MissingAuthenticationTokenException', 'Missing Authentication Token', {}, 403);
  }
  const signedMs = signedAtMs(headers);
  if (signedMs === undefined) {
    const message = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    return apiError('IncompleteSignatureException', message, {}, 403);
  }
  const signed = amzDate(signedMs);
  const now = amzDate(nowMs);
  const minutes = `${lifetimeMs / 60_000} min.`;
  if (signedMs < nowMs - lifetimeMs) {
    const oldest = amzDate(nowMs - lifetimeMs);
    return expired(`Signature expired: ${signed} is now earlier than ${oldest} (${now} - ${minutes})`);
  }
  if (signedMs > nowMs + lifetimeMs) {
    const newest = amzDate(nowMs + lifetimeMs);
    return expired(`Signature not yet current: ${signed} is still later than ${newest} (${now} + ${minutes})`);
  }
  return undefined;
}

function expired(message: string): ApiError {
  return apiError('InvalidSignatureException', message, {}, 403);
}

function amzDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}
