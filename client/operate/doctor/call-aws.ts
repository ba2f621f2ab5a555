import { explainError } from '../../explain-error.ts';
import { notChecked, type Observation } from './finding.ts';

/** Thrown if a check cannot be made. `why` names the missing permission or service. */
export class NotCheckedError extends Error {
  override readonly name = 'NotCheckedError';
  readonly isDenied: boolean;

  constructor(why: string, isDenied = false) {
    super(why);
    this.isDenied = isDenied;
  }
}

/** Thrown if AWS does not accept the credentials, so that no check can be made. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

// The names differ, because services define their own: SNS returns AuthorizationError, and CloudFormation returns AccessDenied.
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'Forbidden',
]);
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html, and the SDK's own error for missing credentials. */
const INVALID_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);
/** The embedded stack's errors for actions that it does not emulate. */
const NOT_EMULATED = new Set(['UnknownService', 'UnknownOperationException']);

/**
 * Makes one call for a check.
 * @param action the action as IAM names it, such as `lambda:GetPolicy`
 * @throws NotCheckedError if the action is not permitted or not emulated; CredentialsError; otherwise the SDK's error
 */
export async function callAws<Answer>(action: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const detail = error instanceof Error ? error.message : String(error);
    if (INVALID_CREDENTIALS.has(name)) throw new CredentialsError(`${name}: ${detail}`, { cause: error });
    if (DENIED.has(name)) throw new NotCheckedError(`${action} is not permitted (${detail})`, true);
    if (NOT_EMULATED.has(name)) throw new NotCheckedError(`the embedded stack does not emulate ${action}`);
    throw error;
  }
}

/** Like `callAws`, but returns undefined if the error shows that the resource does not exist. @param absent the names of these errors */
export async function callUnlessAbsent<Answer>(
  action: string,
  absent: readonly string[],
  call: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await callAws(action, call);
  } catch (error) {
    if (error instanceof Error && absent.includes(error.name)) return undefined;
    throw error;
  }
}

/**
 * Runs a check. If the check cannot be made, the observation says so, and the results of the other checks are still shown.
 * @throws CredentialsError, and errors that are bugs
 */
export async function attempt(what: string, check: () => Promise<Observation[]>): Promise<Observation[]> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof NotCheckedError) return [notChecked(what, error.message)];
    if (error instanceof CredentialsError || !isFromAws(error)) throw error;
    return [notChecked(what, explainError(error))];
  }
}

/** Runs `attempt` for each item. */
export async function attemptEach<Item>(
  items: readonly Item[],
  describe: (item: Item) => string,
  check: (item: Item) => Promise<Observation[]>,
): Promise<Observation[]> {
  return (await Promise.all(items.map((item) => attempt(describe(item), () => check(item))))).flat();
}

/** Errors of services have metadata, and network errors have a code. All other errors are bugs in this program. */
function isFromAws(error: unknown): boolean {
  return error instanceof Error && ('$metadata' in error || 'code' in error);
}
