import { declaredErrors } from './api.ts';

/** An error response, which the SDK turns into a typed exception. */
export interface ApiError {
  name: string;
  status: number;
  members: { message: string } & Record<string, unknown>;
}

/** One entry of ValidationException's `fieldList`. */
export interface FieldProblem {
  name: string;
  message: string;
}

/** The model defines no other type of resource, so errors about logging configurations have this type too. */
const RESOURCE_TYPE = 'ROOM';

/** The value for a required resource id if there is no resource. */
const NO_RESOURCE = 'none';

/**
 * Creates an error with the status that the model declares for it, or with `status` if the model does not declare the error. Required
 * members that the caller leaves out get a neutral value.
 */
export function apiError(name: string, message: string, members: Record<string, unknown> = {}, status = 400): ApiError {
  const declared = declaredErrors.get(name);
  const defaults = { resourceId: NO_RESOURCE, resourceType: RESOURCE_TYPE, limit: 0, reason: 'OTHER' };
  const required = Object.entries(defaults).filter(([member]) => declared?.members[member] !== undefined);
  return {
    name,
    status: declared?.httpStatus ?? status,
    members: { ...Object.fromEntries(required), ...members, message },
  };
}

export function invalid(problems: FieldProblem[]): ApiError {
  const listed = problems.map(({ name, message }) => `at '${name}': ${message}`).join('; ');
  const message = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${listed}`;
  return apiError('ValidationException', message, { reason: 'FIELD_VALIDATION_FAILED', fieldList: problems });
}

/** The error for a body that cannot be read as the operation's input. */
export function malformed(message: string): ApiError {
  return apiError('SerializationException', message);
}

export function notFound(arn: string): ApiError {
  return apiError('ResourceNotFoundException', `Resource ${arn} not found`, { resourceId: arn.split('/').at(-1) });
}

export function quotaExceeded(resources: string, limit: number): ApiError {
  return apiError('ServiceQuotaExceededException', `The quota of ${limit} ${resources} per region is reached`, {
    limit,
  });
}

export function conflict(message: string, resourceId: string): ApiError {
  return apiError('ConflictException', message, { resourceId });
}

export function throttled(limit: number): ApiError {
  return apiError('ThrottlingException', 'Rate exceeded', { limit });
}

export function unknownOperation(method: string, path: string): ApiError {
  return apiError('UnknownOperationException', `No operation is bound to ${method} ${path}`, {}, 404);
}
