/**
 * A process that answers every request at once with the same body. The time of a call then consists almost only of the work of its client.
 *
 * It receives the body as its task, and reports its endpoint.
 */
import { createServer } from 'node:http';
import * as z from 'zod';

const taskSchema = z.object({ body: z.string() });

process.once('message', (message) => {
  const { body } = taskSchema.parse(message);
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(body) };
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(200, headers).end(body));
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.send?.({ endpoint: `http://127.0.0.1:${port}` });
  });
  process.once('disconnect', () => {
    server.close();
    server.closeAllConnections();
  });
});
// Ctrl-C in a terminal sends SIGINT to all of its processes. This one ignores the signal, because the benchmark ends it.
process.on('SIGINT', () => undefined);
process.send?.({ kind: 'ready' });
