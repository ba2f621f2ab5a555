import type { ServiceRequest } from '../service.ts';
import { isOperationName, type Operation, type OperationName, operations } from './api.ts';
import { type ApiError, invalid, malformed } from './errors.ts';
import { type Findings, validate } from './validate.ts';

const TAGS_PATH = '/tags/';

/** The operation with this method and path in the model. */
export function routeOf({ method, path }: ServiceRequest): OperationName | undefined {
  const uri = path.length > TAGS_PATH.length && path.startsWith(TAGS_PATH) ? '/tags/{resourceArn}' : path;
  return Object.keys(operations)
    .filter(isOperationName)
    .find((name) => operations[name].http.method === method && operations[name].http.requestUri === uri);
}

/** Collects an operation's input from path, query and body, and checks it against the model. */
export function readInput(
  operation: Operation,
  request: ServiceRequest,
): { input: unknown; error?: never } | { error: ApiError } {
  const gathered = gather(operation, request);
  if (gathered === undefined) return { error: malformed('The request is not valid JSON, or its path is not encoded') };
  const findings: Findings = { malformed: [], problems: [] };
  const input = validate(operation.input, gathered, '', findings);
  if (findings.malformed.length > 0) return { error: malformed(findings.malformed.join('; ')) };
  if (findings.problems.length > 0) return { error: invalid(findings.problems) };
  return { input };
}

function gather(operation: Operation, request: ServiceRequest): unknown {
  const members = Object.entries(operation.input.members ?? {});
  const elsewhere = members.filter(([, shape]) => shape.in !== undefined);
  try {
    const body = members.length > elsewhere.length ? parseBody(request.body) : {};
    if (elsewhere.length === 0 || !isObject(body)) return body;
    const found = elsewhere.map(([name, shape]) => [
      name,
      shape.in === 'uri'
        ? decodeURIComponent(request.path.slice(TAGS_PATH.length))
        : valuesOf(request, shape.as ?? name),
    ]);
    return { ...body, ...Object.fromEntries(found) };
  } catch {
    return undefined;
  }
}

function valuesOf(request: ServiceRequest, name: string): string[] | undefined {
  return request.query.has(name) ? request.query.getAll(name) : undefined;
}

function parseBody(body: Buffer): unknown {
  return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
