import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes that an HTTP client would refuse to send. @returns what the server sent until it closed the connection */
export async function sendBytes(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

/** Begins a request and never completes it. @returns a function that resolves when the server has closed the connection */
export async function beginRequest(origin: string, bytes: string): Promise<() => Promise<unknown>> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  await new Promise((resolve) => socket.write(bytes, resolve));
  return () => closed;
}

/** Builds the head of a request: each line ends as HTTP requires, and an empty line ends the head. */
export function head(...lines: string[]): string {
  return [...lines, '', ''].join('\r\n');
}
