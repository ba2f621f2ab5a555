import * as z from 'zod';
import type { ServiceRequest, ServiceResponse } from './service.ts';

/**
 * The calls under a path, by method and name, such as `POST faults`. A handler returns the response or a promise of it, which is sent as
 * JSON.
 */
export type AdminHandlers = ReadonlyMap<string, (request: ServiceRequest) => unknown>;

/**
 * Answers a call that only tests and tools use, and that AWS does not have. Requests and responses are JSON. The response to an invalid body
 * is a 400 with `{ problems: [{ path, message }] }`, and the response to any other path is a 404.
 * @param prefix the path of the calls, such as `/_greenroom/ivschat/`
 */
export async function answerAdminCall(
  prefix: string,
  handlers: AdminHandlers,
  request: ServiceRequest,
): Promise<ServiceResponse> {
  const name = request.path.startsWith(prefix) ? request.path.slice(prefix.length) : '';
  const handler = handlers.get(`${request.method} ${name}`);
  if (!handler)
    return json(404, { problems: [{ path: '', message: `There is no ${request.method} ${request.path}` }] });
  try {
    return json(200, (await handler(request)) ?? {});
  } catch (error) {
    if (error instanceof z.ZodError) {
      const problems = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return json(400, { problems });
    }
    if (error instanceof SyntaxError) return json(400, { problems: [{ path: '', message: 'The body is not JSON' }] });
    throw error;
  }
}

export function parseAdminBody<T>(schema: z.ZodType<T>, { body }: ServiceRequest): T {
  return schema.parse(JSON.parse(body.toString('utf8')));
}

function json(status: number, body: unknown): ServiceResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
