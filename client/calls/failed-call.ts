import { isAwsHost } from './aws-endpoint.ts';
import type { NamedProxy } from './proxy.ts';

/** The details of a failed call. They appear in its error message. */
export interface FailedCall {
  /** The service and the action, such as `SQS GetQueueUrl`. */
  name: string;
  /** Undefined if the call failed before its endpoint was known. */
  endpoint: URL | undefined;
  proxy: NamedProxy | undefined;
  /** Whether this version of Node uses the proxy. */
  usesProxy: boolean;
  /** The profile that AWS_PROFILE names. */
  profile: string | undefined;
}

// The errors themselves stay unchanged, because commands and the SDK recognise them by their classes.
const failedCalls = new WeakMap<Error, FailedCall>();

export function rememberFailedCall(error: unknown, call: FailedCall): void {
  if (error instanceof Error) failedCalls.set(error, call);
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EPIPE',
  'ERR_PROXY_TUNNEL',
]);

/** The message for a network error: the call, its endpoint and what to check. Undefined for other errors. */
export function explainNetworkError(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isTimeout = error.name === 'TimeoutError';
  if (!isTimeout && !UNREACHABLE.has(code)) return undefined;
  const call = failedCalls.get(error);
  if (call === undefined)
    return `AWS, or the embedded stack, cannot be reached (${code || error.name}): check the network, and that the stack is running`;
  const { name, endpoint } = call;
  const where = endpoint === undefined ? 'AWS' : hostAndPort(endpoint);
  const problem = isTimeout ? `${where} did not answer in time` : `${where} cannot be reached (${code})`;
  return `${name} failed${attemptsOf(error)}: ${problem}. Check ${whatToCheck(call)}`;
}

function attemptsOf(error: Error): string {
  if (!('$metadata' in error)) return '';
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('attempts' in metadata)) return '';
  return typeof metadata.attempts === 'number' && metadata.attempts > 1 ? ` after ${metadata.attempts} attempts` : '';
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function whatToCheck({ endpoint, proxy, usesProxy }: FailedCall): string {
  const isAws = endpoint === undefined || isAwsHost(endpoint.hostname);
  const ours = isAws ? 'the network, and the region' : 'that it is running, and AWS_ENDPOINT_URL';
  if (proxy === undefined) return ours;
  const { variable, address } = proxy;
  if (usesProxy) return `${ours}, and the proxy ${address} (${variable}, NO_PROXY)`;
  return `${ours}. Node ${process.versions.node} does not use the proxy ${address} (${variable}): use Node 22.21, 24.5 or later`;
}

/** The message if the SDK finds no credentials, for example because a session has expired. */
export function explainCredentialsError(error: Error, detail: string): string {
  const profile = failedCalls.get(error)?.profile;
  if (profile === undefined)
    return `No AWS credentials: sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (${detail})`;
  return `No AWS credentials for the profile ${profile} (AWS_PROFILE): sign in, for example with \`aws sso login --profile ${profile}\`, or check that the profile exists in the AWS configuration (${detail})`;
}
