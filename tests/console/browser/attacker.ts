import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hostile web server on this computer. */
export interface Attacker {
  port: number;
  /** The requests that the server has received, except those for icons. */
  received: { path: string; headers: IncomingHttpHeaders }[];
  close(): void;
}

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

export async function startAttacker(): Promise<Attacker> {
  const received: Attacker['received'] = [];
  const server = createServer(({ url = '', headers }, response) => {
    if (url !== '/favicon.ico') received.push({ path: url, headers });
    const type = url.endsWith('.svg') ? 'image/svg+xml' : url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.setHeader('Content-Type', type);
    response.end(url.endsWith('.svg') ? ICON : url.endsWith('.js') ? '' : '<!doctype html><title>attacker</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: portOf(address),
    received,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The attacker has no port');
  return address.port;
}
