import { Hono } from 'hono';
import type { Access } from './access.ts';
import { answerError } from './answer-errors.ts';
import type { ConsoleContext } from './console-context.ts';
import { jsonBodiesOnly, signedInOnly } from './guard.ts';
import { addEventsRoutes } from './routes/events.ts';
import { addImportsRoutes } from './routes/imports.ts';
import { addNowRoutes } from './routes/now.ts';
import { addParkedRoutes } from './routes/parked.ts';
import { addRequestsRoutes } from './routes/requests.ts';
import { addUploadRoutes } from './routes/uploads.ts';

/** No call of the page sends more than a message that SQS accepts. In JSON, its text can take twice as many bytes. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The calls of the page. Only the browser that exchanged the token may make them. */
export function createApi(context: ConsoleContext, access: Access, port: () => number): Hono {
  const api = new Hono();
  api.use(signedInOnly(access, port));
  addUploadRoutes(api, context);
  api.use(jsonBodiesOnly(MAX_BODY_BYTES));
  addNowRoutes(api, context);
  addParkedRoutes(api, context);
  addRequestsRoutes(api, context);
  addEventsRoutes(api, context);
  addImportsRoutes(api, context);
  api.all('*', (request) => request.json({ problem: 'There is no such call.' }, 404));
  api.onError(answerError);
  return api;
}
