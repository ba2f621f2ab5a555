import { jsonLosses } from '../../lib/contract/json-losses.ts';
import { type Problem, pathText } from '../../lib/contract/problems.ts';
import { isRecord } from '../../lib/contract/record.ts';

/** No message of the contract is nested this deeply. A much deeper value would exhaust the stack. */
const MAX_DEPTH = 100;

/** A value as JSON, or the parts of it that JSON cannot express. */
export type MessageBody = { kind: 'json'; body: string } | { kind: 'invalid'; problems: Problem[] };

/**
 * Writes a message as JSON. `JSON.stringify` turns NaN into null, which counts as absent, leaves out functions, and throws for other values.
 * A program must learn about each of these instead of getting another room.
 */
export function messageBody(message: object): MessageBody {
  const problems = notJson(message, [], []);
  if (problems.length > 0) return { kind: 'invalid', problems };
  const body = JSON.stringify(message);
  const losses = jsonLosses(body);
  return losses.length > 0 ? { kind: 'invalid', problems: losses } : { kind: 'json', body };
}

/** @param outer the objects that contain the value */
function notJson(value: unknown, path: PropertyKey[], outer: readonly unknown[]): Problem[] {
  const refuse = (message: string): Problem[] => [{ path: pathText(path), message }];
  if (typeof value === 'number' && !Number.isFinite(value)) return refuse(`is ${value}, which is not a number in JSON`);
  if (['bigint', 'function', 'symbol'].includes(typeof value)) return refuse(`is a ${typeof value}: JSON has none`);
  if (value instanceof Date && Number.isNaN(value.getTime())) return refuse('is an invalid date');
  if (typeof value !== 'object' || value === null) return [];
  if (outer.includes(value)) return refuse('contains itself');
  if (outer.length > MAX_DEPTH) return refuse('is nested too deeply');
  const inner = [...outer, value];
  if (Array.isArray(value)) return value.flatMap((each, index) => notJson(each, [...path, index], inner));
  if (!isRecord(value) || value instanceof Date) return [];
  return Object.entries(value).flatMap(([name, each]) => notJson(each, [...path, name], inner));
}
