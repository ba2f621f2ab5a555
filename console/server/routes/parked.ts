import type { Hono } from 'hono';
import * as z from 'zod';
import { neededByAhead } from '../../../client/operate/needed-by-ahead.ts';
import type { ParkedAnswer, ParkedMessageAnswer } from '../../api/parked.ts';
import type { ConsoleContext } from '../console-context.ts';

const stateQuery = z.object({ version: z.coerce.number().int().min(0).default(0) });
const messageQuery = z.object({ id: z.string() });
const discardBody = z.object({ ids: z.array(z.string()).min(1) });

/**
 * The messages that wait for a person. Reading or changing the queue takes longer than a call may take. The calls therefore only begin an
 * activity, and the page asks for its progress.
 */
export function addParkedRoutes(api: Hono, { parked, clock }: ConsoleContext): void {
  const redriveBody = discardBody.extend({
    neededBy: z
      .string()
      .transform((text, { addIssue }) => {
        const given = neededByAhead(text, clock.nowMs());
        if (given.kind === 'valid') return given.neededBy;
        addIssue(given.problem);
        return z.NEVER;
      })
      .exactOptional(),
  });

  api.get('/parked', (request) => {
    const { version } = stateQuery.parse(request.req.query());
    return request.json(parked.state(version) satisfies ParkedAnswer);
  });
  api.get('/parked/message', (request) => {
    const { id } = messageQuery.parse(request.req.query());
    return request.json(parked.message(id) satisfies ParkedMessageAnswer);
  });
  api.get('/parked/discarded', (request) => {
    const lines = parked.discarded().map((message) => `${JSON.stringify(message)}\n`);
    return request.body(lines.join(''), 200, { 'Content-Type': 'application/x-ndjson' });
  });
  api.post('/parked/read', (request) => {
    parked.read();
    return request.json(parked.state(0) satisfies ParkedAnswer);
  });
  api.post('/parked/redrive', async (request) => {
    const { ids, neededBy } = redriveBody.parse(await request.req.json());
    parked.redrive(new Set(ids), neededBy);
    return request.json(parked.state(0) satisfies ParkedAnswer);
  });
  api.post('/parked/discard', async (request) => {
    const { ids } = discardBody.parse(await request.req.json());
    parked.discard(new Set(ids));
    return request.json(parked.state(0) satisfies ParkedAnswer);
  });
  api.post('/parked/stop', (request) => {
    parked.stop();
    return request.json(parked.state(0) satisfies ParkedAnswer);
  });
}
