/** Chooses reproducibly: the same seed gives the same choices. */
export interface Choices {
  /** A whole number from 0 to `below` - 1. */
  number(below: number): number;
  of<T>(list: readonly T[]): T;
}

/** The generator mulberry32. */
export function choicesOf(seed: number): Choices {
  let state = seed >>> 0;
  const number = (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  return {
    number,
    of<T>(list: readonly T[]): T {
      const chosen = list[number(list.length)];
      if (chosen === undefined) throw new Error('There is nothing to choose from');
      return chosen;
    },
  };
}

const TEXTS = [
  '',
  ' ',
  'a',
  'live/e-1/k',
  'bulk/abc/1',
  'x'.repeat(65),
  'x'.repeat(129),
  'x'.repeat(300),
  'Ünïcode 🎈',
  'half \ud83d',
  'line\nbreak',
  '\u200bkey',
  'ends ',
  '\ufffd',
  'eu-west-1',
  'us-east-1',
  'mars-1',
  'Europe/Berlin',
  'CET',
  '2026-12-18T14:00:00Z',
  '2026-12-18T14:00:00',
  '2026-02-30T14:00:00Z',
  '2026-12-31T23:59:60Z',
  '2026-12-18 14:00',
  '2031-01-01T00:00:00+02:00',
  'PT30M',
  'P1Y',
  'PT0S',
  'true',
  'false',
  '12',
  '-1',
  '1.5',
  'NaN',
  'arn:aws:lambda:eu-west-1:123456789012:function:f',
  'arn:aws:lambda:us-east-1:123456789012:function:f',
  'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/AbCd12',
  'https://sqs.eu-west-1.amazonaws.com/123456789012/q',
  'ALLOW',
  'created',
  '1.0',
  '{"a":1}',
  '60,300',
  'greenroom:x',
  '__proto__',
];
const OTHERS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  47,
  101,
  1e21,
  1_800_000_000_000,
  [],
  {},
  [null],
  ['a', 'a'],
  [{}],
  { a: 1 },
  { a: 'b', '': '' },
  { path: 'p', message: 'm' },
  Array.from({ length: 60 }, (_, index) => `t${index}`),
  Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`t${index}`, 'v'])),
];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A copy of a sample with up to five changes: members that are missing, of another type, misspelt, unknown or moved. */
export function varied(sample: unknown, choices: Choices): unknown {
  let value: unknown = structuredClone(sample);
  const changes = choices.number(6);
  for (let count = 0; count < changes; count++) value = changed(value, choices);
  return value;
}

function changed(value: unknown, choices: Choices): unknown {
  if (!isObject(value) || choices.number(20) === 0) return newValue(value, choices);
  const name = choices.of([...Object.keys(value), 'extra']);
  const member = value[name];
  if (isObject(member) && choices.number(4) > 0) return withMember(value, name, changed(member, choices));
  if (choices.number(4) === 0) return without(value, name);
  if (choices.number(6) === 0) return withMember(without(value, name), misspelt(name, choices), member);
  return withMember(value, name, newValue(member, choices));
}

function newValue(value: unknown, choices: Choices): unknown {
  if (typeof value === 'string' && choices.number(5) === 0) return `${value}${choices.of(TEXTS)}`;
  if (typeof value === 'number' && choices.number(3) === 0) return choices.of([String(value), -value, value + 0.5]);
  if (Array.isArray(value) && choices.number(3) === 0) return [...value, ...value, choices.of(OTHERS)];
  return choices.number(3) === 0 ? choices.of(OTHERS) : choices.of(TEXTS);
}

function withMember(value: Record<string, unknown>, name: string, member: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown, index) => (String(index) === name ? member : each));
  return { ...value, [name]: member };
}

function without(value: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
}

function misspelt(name: string, choices: Choices): string {
  const at = choices.number(name.length);
  return choices.of([name.toUpperCase(), name.slice(0, at) + name.slice(at + 1), `${name}s`, `${name}_`]);
}

/** A JSON text of a value, sometimes cut off, with a member that is written twice, or within other text. */
export function writtenAs(value: unknown, choices: Choices): string {
  const text = JSON.stringify(value) ?? 'undefined';
  const how = choices.number(30);
  if (how === 0) return text.slice(0, choices.number(text.length + 1));
  if (how === 1) return text.replace('{', '{"room":{},');
  if (how === 2) return `\ufeff${text}\n`;
  if (how === 3) return text.replaceAll('"', "'");
  return how === 4 ? JSON.stringify(text) : text;
}
