import type { Problem } from './problems.ts';

/** A problem as text: `name: is too long`. A problem of the whole message is only its message. */
export function problemText({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`;
}
