import * as z from 'zod/mini';

/**
 * How a call to IVS Chat failed. Only an `ambiguous` call may have had an effect.
 *
 * - `throttled`: the call rate exceeded the quota. A call in a new slot may succeed.
 * - `quota`: the account has its maximum number of rooms in the region. Rooms must be deleted, or the quota raised.
 * - `conflict`: a resource that the request refers to is being changed. A later call may succeed.
 * - `blocked`: AWS must verify the account before it accepts calls.
 * - `denied`: AWS denied access, either for the account or only for this request.
 * - `refused`: the request is invalid and will always be refused.
 * - `not-found`: the request refers to a resource that does not exist.
 * - `slot-missed`: the worker was too late for its slot and did not send the call. The call needs a new slot.
 * - `breaker-opened`: another call found the region closed, so this call was not sent.
 * - `job-stopped`: an operator has stopped the bulk job of the call, so it was not sent.
 * - `never-sent`: the call did not reach IVS Chat, or was rejected because of its signature. Another attempt may succeed.
 * - `ambiguous`: the call may have had an effect.
 */
export type FailureKind =
  | 'throttled'
  | 'quota'
  | 'conflict'
  | 'blocked'
  | 'denied'
  | 'refused'
  | 'not-found'
  | 'slot-missed'
  | 'breaker-opened'
  | 'job-stopped'
  | 'never-sent'
  | 'ambiguous';

export interface Failure {
  kind: FailureKind;
  name: string;
  message: string;
  fieldList?: { name: string; message: string }[];
}

/** The kind for each error name. This is a Map, because an object also has inherited members, such as `constructor`. */
const KIND_BY_NAME = new Map<string, FailureKind>([
  ['ThrottlingException', 'throttled'],
  ['Throttling', 'throttled'],
  ['TooManyRequestsException', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['ServiceQuotaExceededException', 'quota'],
  ['ConflictException', 'conflict'],
  ['PendingVerification', 'blocked'],
  ['AccessDeniedException', 'denied'],
  ['AccessDenied', 'denied'],
  ['ValidationException', 'refused'],
  ['ResourceNotFoundException', 'not-found'],
  // Signature, clock and credentials: the request was rejected before it was processed.
  ['InvalidSignatureException', 'never-sent'],
  ['SignatureDoesNotMatch', 'never-sent'],
  ['SignatureExpired', 'never-sent'],
  ['RequestExpired', 'never-sent'],
  ['RequestTimeTooSkewed', 'never-sent'],
  ['IncompleteSignature', 'never-sent'],
  ['IncompleteSignatureException', 'never-sent'],
  ['MissingAuthenticationToken', 'never-sent'],
  ['MissingAuthenticationTokenException', 'never-sent'],
  ['InvalidClientTokenId', 'never-sent'],
  ['UnrecognizedClientException', 'never-sent'],
  ['ExpiredToken', 'never-sent'],
  ['ExpiredTokenException', 'never-sent'],
  ['CredentialsProviderError', 'never-sent'],
]);

/** The errors that greenroom itself throws if it does not send the call. */
const KIND_OF_UNSENT = new Map<string, FailureKind>([
  ['SlotMissedError', 'slot-missed'],
  ['BreakerOpenedError', 'breaker-opened'],
  ['JobStoppedError', 'job-stopped'],
]);

const KIND_BY_STATUS = new Map<number, FailureKind>([
  [402, 'quota'],
  [403, 'denied'],
  [404, 'not-found'],
  [409, 'conflict'],
  [429, 'throttled'],
]);

/**
 * The system calls that fail before anything is sent. The error code alone does not show this: EHOSTUNREACH, ENETUNREACH and ETIMEDOUT may
 * also end a read or a write on an established connection when a route is lost.
 */
const CALLS_BEFORE_SENDING = ['getaddrinfo', 'connect'];

/** Built when a call first fails. */
const errorSchema = z.lazy(() =>
  z.looseObject({
    name: z.catch(z.string(), 'UnknownError'),
    message: z.catch(z.string(), ''),
    syscall: z.catch(z.optional(z.string()), undefined),
    /** The errors of an AggregateError, which Node throws if a name has several addresses: one error per address. */
    errors: z.catch(z.optional(z.array(z.looseObject({ syscall: z.string() })).check(z.minLength(1))), undefined),
    fieldList: z.catch(z.optional(z.array(z.object({ name: z.string(), message: z.string() }))), undefined),
    $metadata: z.catch(z.optional(z.looseObject({ httpStatusCode: z.optional(z.number()) })), undefined),
    $response: z.catch(z.optional(z.looseObject({ headers: z.optional(z.record(z.string(), z.string())) })), undefined),
  }),
);
type SdkError = z.infer<typeof errorSchema>;

/**
 * Classifies an error that a call to IVS Chat threw: by the error's name, then by its status.
 * @param sent whether the signed request was handed to the connection; before that, the call cannot have had an effect.
 */
export function classifyFailure(thrown: unknown, sent: boolean): Failure {
  const error = errorSchema.safeParse(thrown).data ?? { name: 'UnknownError', message: String(thrown) };
  const { name, message, fieldList } = error;
  return { kind: kindOf(error, sent), name, message, ...(fieldList && { fieldList }) };
}

function kindOf(error: SdkError, sent: boolean): FailureKind {
  if (!sent) return KIND_OF_UNSENT.get(error.name) ?? 'never-sent';
  const status = error.$metadata?.httpStatusCode;
  // An error with a status is a response. Its fields come from the body of the response, so a `syscall` among them proves nothing.
  if (status === undefined) return failedToConnect(error) ? 'never-sent' : 'ambiguous';
  // A 4xx that is not from AWS (a proxy's page) and a 408 do not show whether the request had an effect.
  if (status < 400 || status > 499 || status === 408 || !isFromAws(error)) return 'ambiguous';
  return KIND_BY_NAME.get(error.name) ?? KIND_BY_STATUS.get(status) ?? 'refused';
}

function failedToConnect({ name, message, syscall, errors }: SdkError): boolean {
  if (name === 'TimeoutError' && /did not establish a connection/i.test(message)) return true;
  const calls = errors?.map((each) => each.syscall) ?? [syscall];
  return calls.every((call) => call !== undefined && CALLS_BEFORE_SENDING.includes(call));
}

/**
 * Whether the response is from AWS, which names its errors in a header or in the body. The SDK also accepts the field `code` of a body as
 * the error's name. In a proxy's response, `code` is probably a number.
 */
function isFromAws({ name, $response }: SdkError): boolean {
  const errorType = $response?.headers?.['x-amzn-errortype'];
  if (errorType !== undefined) return true;
  return /^[A-Z]/.test(name) && !['Error', 'SyntaxError', 'Unknown', 'UnknownError'].includes(name);
}
