import type { ServiceResponse } from '../service.ts';

/** The errors of the service model with their HTTP status. */
const STATUS = {
  ValidationException: 400,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  UnknownOperationException: 404,
} as const;

/** An error that is answered with EventBridge Scheduler's code and message. */
export class SchedulerError extends Error {
  readonly code: keyof typeof STATUS;

  constructor(code: keyof typeof STATUS, message: string) {
    super(message);
    this.code = code;
  }
}

export function invalid(message: string): SchedulerError {
  return new SchedulerError('ValidationException', message);
}

export function successResponse(output: object): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(output) };
}

export function errorResponse({ code, message }: SchedulerError): ServiceResponse {
  return {
    status: STATUS[code],
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ Message: message }),
  };
}
