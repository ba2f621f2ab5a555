import type { Problem } from '../../../lib/contract/problems.ts';
import { isRecord } from '../../../lib/contract/record.ts';
import { FIELDS, type Field } from './fields.ts';

/** The contents of the form, by the path of the field. */
export type Values = Readonly<Record<string, string>>;

type Members = Record<string, unknown>;

/**
 * The message that the form describes, as JSON. Empty fields are left out. A value that does not fit its field is passed on as text, so
 * that the service reports the problem. Metadata is passed on as it was typed: JavaScript would round its large numbers.
 */
export function messageOf(values: Values): string {
  const given = FIELDS.filter(({ path }) => path !== 'metadata' && textOf(values, path) !== '');
  const message = given.reduce<Members>(
    (members, field) => withMember(members, field.path.split('.'), memberOf(field, textOf(values, field.path))),
    {},
  );
  const text = JSON.stringify({ ...message, room: message.room ?? {} }, null, 2);
  const metadata = textOf(values, 'metadata');
  if (metadata === '') return text;
  return text.replace(/\n\}$/, () => `,\n  "metadata": ${isJson(metadata) ? metadata : JSON.stringify(metadata)}\n}`);
}

/**
 * The problems that the service cannot find in the message or cannot name. For example, the message contains each tag only once and with a
 * value.
 */
export function formProblems(values: Values): Problem[] {
  const lines = linesOf(textOf(values, 'room.tags'));
  const names = lines.map((line) => pairOf(line)[0]);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  const incomplete = lines.find((line) => !line.includes('='));
  const metadata = textOf(values, 'metadata');
  const tags = [
    ...(incomplete === undefined ? [] : [`the line "${incomplete}" has no "=" between a key and a value`]),
    ...(repeated === undefined ? [] : [`the key "${repeated}" is given twice`]),
  ];
  return [
    ...tags.map((message) => ({ path: 'room.tags', message })),
    ...(metadata === '' || isJson(metadata) ? [] : [{ path: 'metadata', message: 'is not JSON' }]),
  ];
}

function textOf(values: Values, path: string): string {
  const text = values[path] ?? '';
  return text.trim() === '' ? '' : text;
}

function withMember(members: Members, [name = '', ...rest]: readonly string[], value: unknown): Members {
  const inner = members[name];
  return { ...members, [name]: rest.length === 0 ? value : withMember(isRecord(inner) ? inner : {}, rest, value) };
}

function memberOf({ kind }: Field, text: string): unknown {
  switch (kind) {
    case 'number':
      return /^\d+$/.test(text.trim()) ? Number(text) : text;
    case 'time':
      return timeOf(text);
    case 'lines':
      return linesOf(text);
    case 'pairs':
      return Object.fromEntries(linesOf(text).map(pairOf));
    default:
      return text;
  }
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf('=');
  return at === -1 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** The browser's input for times has no time zone. Its value is in the time zone of the browser. */
function timeOf(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
