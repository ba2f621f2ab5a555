import type { ProblemAnswer } from '../api/problem.ts';

const KEY = 'greenroom-console-key';
const KEY_HEADER = 'X-Greenroom-Console-Key';
const TIME_LIMIT_MS = 30_000;
/** The time limit of calls with files. A file may be large, and the console reads it from S3 or checks all of its rows. */
const FILE_TIME_LIMIT_MS = 5 * 60_000;

let key = '';

/** Moves the key, which the console has put into the fragment of the address, to the storage of this origin. */
export function keepKeyOfAddress(): void {
  const { hash, pathname, search } = location;
  if (hash.startsWith('#key=')) {
    localStorage.setItem(KEY, hash.slice('#key='.length));
    history.replaceState(null, '', pathname + search);
  }
  key = localStorage.getItem(KEY) ?? '';
}

/**
 * Reloads the page when another tab has received the key of another console at this address. That console may show another stage, so
 * nothing that this page shows may be sent to it. Until the reload, this page calls with the old key, which the other console refuses.
 */
export function reloadForOtherConsole(): void {
  addEventListener('storage', ({ key: changed, newValue }) => {
    if (changed === KEY && newValue !== key) location.reload();
  });
}

/**
 * The error of a failed call. `isSignedOut`: this browser is not signed in to the console, for example because the console was started
 * again.
 */
export class CallError extends Error {
  readonly isSignedOut: boolean;

  constructor(problem: string, { isSignedOut = false } = {}) {
    super(problem);
    this.isSignedOut = isSignedOut;
  }
}

/** Makes a call that reads. @param query members without a value are left out @throws CallError */
export function read<Answer>(
  path: string,
  query: Record<string, string | number | undefined> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return call(`${path}?${new URLSearchParams(given)}`, { signal });
}

/** Makes a call that changes something. @throws CallError */
export function change<Answer>(path: string, body: unknown): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' };
  return call(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Sends a file. @throws CallError, for example if the file has changed since the user chose it */
export async function sendFile<Answer>(path: string, query: Record<string, string>, file: Blob): Promise<Answer> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  // Browsers refuse to read a changed file. If `fetch` read the file, the failure would look like a console that does not answer.
  const body = await file.arrayBuffer().catch(() => {
    throw new CallError('The file has changed since you chose it, or cannot be read: choose it again.');
  });
  const init = { method: 'POST', headers, body, limitMs: FILE_TIME_LIMIT_MS };
  return call(`${path}?${new URLSearchParams(query)}`, init);
}

/** Reads a file, and lets the browser save it. @throws CallError */
export async function download(path: string, query: Record<string, string>, name: string): Promise<void> {
  const response = await send(`${path}?${new URLSearchParams(query)}`, { limitMs: FILE_TIME_LIMIT_MS });
  const address = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}

async function call<Answer>(path: string, init: CallInit): Promise<Answer> {
  const response = await send(path, init);
  const answer: Answer = await response.json();
  return answer;
}

interface CallInit extends Omit<RequestInit, 'signal' | 'headers'> {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
  limitMs?: number;
}

async function send(path: string, { signal, headers, limitMs = TIME_LIMIT_MS, ...init }: CallInit): Promise<Response> {
  const limit = AbortSignal.timeout(limitMs);
  const response = await fetch(`/api/${path}`, {
    ...init,
    headers: { ...headers, [KEY_HEADER]: key },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new CallError('The console does not answer: see the terminal in which it was started.');
  });
  if (response.ok) return response;
  const answer: ProblemAnswer = await response
    .json()
    .catch(() => ({ problem: `The console answered ${response.status}.` }));
  throw new CallError(answer.problem, { isSignedOut: response.status === 401 });
}
