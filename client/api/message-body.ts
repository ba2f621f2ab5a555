import { jsonLosses } from '../../lib/contract/json-losses.ts';
import { type Problem, pathText } from '../../lib/contract/problems.ts';
import { isRecord } from '../../lib/contract/record.ts';

/** No message of the contract is nested this deeply. A much deeper value would exhaust the stack. */
const MAX_DEPTH = 100;
/** The types of objects whose whole content is in their members. Other objects, such as a Map, have content that JSON would lose. */
const PLAIN_TYPES = ['Object', 'Module'];

/** A value as JSON, or the parts of it that JSON cannot express. */
export type MessageBody = { kind: 'json'; body: string } | { kind: 'invalid'; problems: Problem[] };

/**
 * Writes a message as JSON, and reports each value that JSON cannot express. `JSON.stringify` turns NaN into null, which counts as absent,
 * turns a Map or a Promise into an empty object, leaves out functions, and throws for other values. Without the reports, a program could
 * get a room that differs from the one that it requested.
 * @param tenant the tenant of messages without one. A field that is undefined or null counts as absent
 */
export function messageBody(message: unknown, tenant?: string): MessageBody {
  try {
    const whole =
      tenant === undefined || !isRecord(message) ? message : { ...message, tenant: message.tenant ?? tenant };
    const problems = notJson(whole, [], []);
    if (problems.length > 0) return { kind: 'invalid', problems };
    const body = JSON.stringify(whole ?? null) ?? 'null';
    const losses = jsonLosses(body);
    return losses.length > 0 ? { kind: 'invalid', problems: losses } : { kind: 'json', body };
  } catch (error) {
    // A getter or a `toJSON` method of the program threw an error.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', problems: [{ path: '', message: `cannot be written as JSON: ${reason}` }] };
  }
}

/** @param outer the objects that contain the value */
function notJson(value: unknown, path: PropertyKey[], outer: readonly unknown[]): Problem[] {
  const refuse = (message: string): Problem[] => [{ path: pathText(path), message }];
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse(`is ${value}, which is not a number in JSON`);
  if (['bigint', 'function', 'symbol'].includes(typeof value))
    return refuse(`is a ${typeof value}, which JSON cannot express`);
  if (value instanceof Date && Number.isNaN(value.getTime())) return refuse('is an invalid date');
  if (typeof value !== 'object' || value === null) return [];
  if (outer.includes(value)) return refuse('contains itself');
  if (outer.length > MAX_DEPTH) return refuse('is nested too deeply');
  const inner = [...outer, value];
  if (Array.isArray(value))
    return Array.from<unknown>(value).flatMap((each, index) => notInList(each, [...path, index], inner));
  if ('toJSON' in value && typeof value.toJSON === 'function') return notJson(value.toJSON(), path, inner);
  const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (!PLAIN_TYPES.includes(type)) return refuse(`is of the type ${type}, which JSON cannot express`);
  return Object.entries(value).flatMap(([name, each]) => notJson(each, [...path, name], inner));
}

/** In a list, `JSON.stringify` turns an absent element into null instead of leaving it out. */
function notInList(element: unknown, path: PropertyKey[], outer: readonly unknown[]): Problem[] {
  if (element !== undefined) return notJson(element, path, outer);
  return [{ path: pathText(path), message: 'is undefined, which a list in JSON cannot contain' }];
}
