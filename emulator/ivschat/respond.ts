import type { ServiceResponse } from '../service.ts';
import type { ApiError } from './errors.ts';

export type ApiResponse = Exclude<ServiceResponse, { lost: true }>;

export interface Responder {
  /** @param output null for an operation without output, whose body is empty */
  ok(status: number, output: object | null): ApiResponse;
  error(error: ApiError): ApiResponse;
  /** A response like that of a proxy, with neither an error type nor JSON. */
  html(status: number): ApiResponse;
}

/**
 * Creates responses with AWS's headers. The `Date` header contains the time of the service's clock, with which SDKs correct their own
 * clocks.
 */
export function createResponder(now: () => number): Responder {
  let count = 0;

  function respond(status: number, headers: Record<string, string>, body: string): ApiResponse {
    count += 1;
    const requestId = `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
    return {
      status,
      headers: { date: new Date(now()).toUTCString(), 'x-amzn-requestid': requestId, ...headers },
      body,
    };
  }

  return {
    ok: (status, output) =>
      output === null
        ? respond(status, {}, '')
        : respond(status, { 'content-type': 'application/json' }, JSON.stringify(output)),
    error: ({ name, status, members }) =>
      respond(status, { 'content-type': 'application/json', 'x-amzn-errortype': name }, JSON.stringify(members)),
    html: (status) => ({
      status,
      headers: { 'content-type': 'text/html' },
      body: `<html><body><h1>${status}</h1></body></html>`,
    }),
  };
}
