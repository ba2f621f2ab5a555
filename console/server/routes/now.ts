import type { Hono } from 'hono';
import * as z from 'zod';
import type { NowAnswer } from '../../api/now.ts';
import type { PublishedAnswer } from '../../api/published.ts';
import type { ConsoleContext } from '../console-context.ts';

const nowQuery = z.object({ since: z.coerce.number().default(0) });
const publishedQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });

/** The load of the stage, and the events that it publishes. Every page asks for both. */
export function addNowRoutes(api: Hono, { history, published }: ConsoleContext): void {
  api.get('/now', async (request) => {
    const { since } = nowQuery.parse(request.req.query());
    return request.json((await history.read(since)) satisfies NowAnswer);
  });
  api.get('/published', (request) => {
    const { after } = publishedQuery.parse(request.req.query());
    published.follow();
    return request.json(published.after(after) satisfies PublishedAnswer);
  });
}
