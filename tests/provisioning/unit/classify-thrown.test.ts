import { describe, expect, test } from '@jest/globals';
import { classifyFailure } from '../../../lib/platform/classify-failure.ts';

/** An error that the SDK throws for a response. */
function answered(status: number, name: string, headers?: Record<string, string>) {
  return { name, message: 'no', $metadata: { httpStatusCode: status }, ...(headers && { $response: { headers } }) };
}
const kindOf = (thrown: unknown, sent = true) => classifyFailure(thrown, sent).kind;

describe('an AWS error is classified by its name, whatever its status:', () => {
  test.each([
    ['Throttling', 'throttled'],
    ['ThrottlingException', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['RequestLimitExceeded', 'throttled'],
    ['ServiceQuotaExceededException', 'quota'],
    ['ConflictException', 'conflict'],
    ['PendingVerification', 'blocked'],
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['ValidationException', 'refused'],
    ['ResourceNotFoundException', 'not-found'],
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
  ])('%s: %s', (name, kind) => {
    // These statuses alone would mean something else.
    expect([kindOf(answered(402, name)), kindOf(answered(404, name))]).toEqual([kind, kind]);
  });
});

describe('a response from AWS is ambiguous if its status says nothing about the effect:', () => {
  test.each([399, 408, 500, undefined])('status %s: ambiguous', (status) => {
    const error = { ...answered(400, 'ConflictException'), $metadata: { httpStatusCode: status } };
    expect(kindOf(error)).toBe('ambiguous');
  });

  test.each([400, 499])('status %i: not ambiguous', (status) => {
    expect(kindOf(answered(status, 'ConflictException'))).toBe('conflict');
  });
});

describe('whether a response comes from AWS is decided by the name of the error:', () => {
  test.each(['Error', 'SyntaxError', 'Unknown', 'UnknownError', 'notAnException', '403'])(
    '%s is not the name of an AWS error',
    (name) => {
      expect(kindOf(answered(409, name))).toBe('ambiguous');
    },
  );

  test.each(['MyError', 'XUnknown'])('%s may be the name of an AWS error', (name) => {
    expect(kindOf(answered(409, name))).toBe('conflict');
  });

  test('but a header of AWS is enough, whatever the name', () => {
    expect(kindOf(answered(409, 'Error', { 'x-amzn-errortype': '' }))).toBe('conflict');
    expect(kindOf(answered(409, 'Error', { 'content-type': 'text/html' }))).toBe('ambiguous');
    expect(kindOf({ ...answered(409, 'Error'), $response: {} })).toBe('ambiguous');
  });
});

describe('a failure before anything was sent', () => {
  // The system call decides, and not the code: https://nodejs.org/api/errors.html#errorsyscall
  const failed = (syscall: string, code: string) => ({ name: 'Error', code, syscall, message: `${syscall} ${code}` });
  // Node throws this for a name with several addresses: it has the code of the first error, and no system call.
  const failedAtEach = (...errors: object[]) => ({ name: 'AggregateError', code: 'ECONNREFUSED', message: '', errors });

  test.each([
    failed('connect', 'ECONNREFUSED'),
    failed('connect', 'EHOSTUNREACH'),
    failed('connect', 'ENETUNREACH'),
    failed('getaddrinfo', 'ENOTFOUND'),
    failed('getaddrinfo', 'EAI_AGAIN'),
    // This is the SDK's error for a connection that timed out.
    { ...failed('connect', 'ETIMEDOUT'), name: 'TimeoutError' },
    failedAtEach(failed('connect', 'ECONNREFUSED'), failed('connect', 'ENETUNREACH')),
    { ...failedAtEach(failed('connect', 'ETIMEDOUT')), name: 'TimeoutError', code: 'ETIMEDOUT' },
    { name: 'TimeoutError', message: 'Socket did not establish a connection with the server' },
  ])('%j: never sent', (error) => {
    expect(kindOf(error)).toBe('never-sent');
  });

  test.each([
    ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET'].map((code) => failed('read', code)),
    ...['EHOSTUNREACH', 'ENETUNREACH', 'EPIPE'].map((code) => failed('write', code)),
    // Without a system call, it is unknown when the call failed.
    ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'].map((code) => ({ code })),
    failedAtEach(failed('connect', 'ECONNREFUSED'), failed('read', 'EHOSTUNREACH')),
    failedAtEach(),
    { name: 'TimeoutError', message: 'Connection timed out' },
    { name: 'Error', message: 'did not establish a connection' },
    {},
  ])('%j: ambiguous', (error) => {
    expect(kindOf(error)).toBe('ambiguous');
  });

  test('a response means that the call was sent, whatever its body says about connections', () => {
    const body = { syscall: 'connect', code: 'ECONNREFUSED' };
    expect(kindOf({ ...answered(502, 'Error'), ...body })).toBe('ambiguous');
    const unconnected = { name: 'TimeoutError', message: 'it did not establish a connection' };
    expect(kindOf({ ...answered(504, 'TimeoutError'), ...unconnected })).toBe('ambiguous');
  });

  test('if nothing was sent, the call is never sent, whatever was thrown', () => {
    expect(kindOf(answered(500, 'InternalServerException'), false)).toBe('never-sent');
  });
});

describe('the reported failure', () => {
  const fieldList = [{ name: 'name', message: 'too long' }];

  test('has the name, the message and the fields of the error', () => {
    expect(classifyFailure({ ...answered(400, 'ValidationException'), fieldList }, true)).toStrictEqual({
      kind: 'refused',
      name: 'ValidationException',
      message: 'no',
      fieldList,
    });
    expect(classifyFailure(answered(400, 'ValidationException'), true)).not.toHaveProperty('fieldList');
  });

  test.each([
    ['no object', 'broken', { name: 'UnknownError', message: 'broken' }],
    ['an error without members', {}, { name: 'UnknownError', message: '' }],
    [
      'members of another type',
      { name: 1, message: 2, code: 3, syscall: 4, fieldList: 'all', $metadata: 'none', $response: 5 },
      { name: 'UnknownError', message: '' },
    ],
    ['fields without names', { name: 'E', message: 'm', fieldList: [{ name: 'n' }] }, { name: 'E', message: 'm' }],
    [
      'fields without messages',
      { name: 'E', message: 'm', fieldList: [{ message: 'm' }] },
      { name: 'E', message: 'm' },
    ],
    [
      'a status and headers of another type',
      { name: 'E', message: 'm', $metadata: { httpStatusCode: '409' }, $response: { headers: { a: 1 } } },
      { name: 'E', message: 'm' },
    ],
  ])('exists whatever was thrown: %s', (_what, thrown, told) => {
    expect(classifyFailure(thrown, true)).toStrictEqual({ kind: 'ambiguous', ...told });
  });
});
