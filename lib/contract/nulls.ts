import { isRecord } from './record.ts';

/** The field with the sender's own data, whose content greenroom does not change. */
const OWN_DATA = 'metadata';
/** No field of the contract is nested more deeply. Without a limit, a deeply nested message could exhaust the stack. */
const MAX_DEPTH = 8;

/** Leaves out the members of an envelope that are null. Its payload is not changed. */
export function withoutNulls(envelope: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(envelope).filter(([, value]) => value !== null));
}

/**
 * Leaves out the fields of a request, manifest row or live event that are null, at every depth. Many producers write unset fields as null.
 * An optional field that is null is therefore absent, and a required field that is null is reported as missing. Null elements of lists are
 * kept, because the indexes of the other elements would change. The content of `metadata` is also kept.
 */
export function withoutNullFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(withoutNulls(fields)).map(([name, value]) => [name, name === OWN_DATA ? value : deep(value, 1)]),
  );
}

function deep(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((element) => deep(element, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(withoutNulls(value)).map(([name, member]) => [name, deep(member, depth + 1)]),
  );
}
