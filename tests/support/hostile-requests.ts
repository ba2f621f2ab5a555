import fc from 'fast-check';

/** A message body whose request cannot be fulfilled. */
export interface Hostile {
  body: string;
  /** The idempotency key, if it can still be read. It comes from the construction of the body and not from reading the body. */
  key?: string | undefined;
}

/** A room request in JSON, and its idempotency key if that can be read. */
export interface RequestJson {
  json: string;
  key?: string | undefined;
}

type Path = readonly string[];

const IDENTIFIER = 'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/AbCdEfGhIjKl';
const LAMBDA = 'arn:aws:lambda:eu-west-1:123456789012:function:';
const HANDLER: Path = ['room', 'messageReviewHandler'];
const TAGS: Path = ['room', 'tags'];
const IDENTIFIERS: Path = ['room', 'loggingConfigurationIdentifiers'];

const ROOM = {
  name: 'a-room_1',
  maximumMessageRatePerSecond: 10,
  maximumMessageLength: 500,
  messageReviewHandler: { uri: `${LAMBDA}review`, fallbackResult: 'ALLOW' },
  tags: { team: 'sports' },
  loggingConfigurationIdentifiers: [IDENTIFIER],
};
const REST = { room: ROOM, region: 'eu-west-1', tenant: 'sports', correlationId: 'c-1', roster: 'r/1' };

const TYPES: [Path, string][] = [
  [['idempotencyKey'], 'string'],
  [['room'], 'object'],
  [['region'], 'string'],
  [['tenant'], 'string'],
  [['correlationId'], 'string'],
  [['neededBy'], 'string'],
  [['roster'], 'string'],
  [['room', 'name'], 'string'],
  [['room', 'maximumMessageRatePerSecond'], 'number'],
  [['room', 'maximumMessageLength'], 'number'],
  [HANDLER, 'object'],
  [[...HANDLER, 'uri'], 'string'],
  [[...HANDLER, 'fallbackResult'], 'string'],
  [TAGS, 'object'],
  [[...TAGS, 'team'], 'string'],
  [IDENTIFIERS, 'list'],
];

/** Without null, which means that an optional field is absent. */
const VALUES: Record<string, fc.Arbitrary<unknown>> = {
  string: fc.string({ maxLength: 8 }),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  list: fc.array(fc.constantFrom(null, 'a', 1, {}), { maxLength: 3 }),
  object: fc.constantFrom({}, { a: 1 }, { toString: 'a' }, { length: 1, 0: 'a' }),
};

/** Each of these values makes the request invalid. `undefined` omits the member. */
const OUTSIDE: [Path, unknown][] = [
  [['idempotencyKey'], undefined],
  [['idempotencyKey'], null],
  [['idempotencyKey'], ''],
  [['idempotencyKey'], '   '],
  [['idempotencyKey'], 'k'.repeat(257)],
  [['idempotencyKey'], '🎭'.repeat(257)],
  [['room'], undefined],
  [['room'], null],
  [['room', 'name'], 'n'.repeat(129)],
  [['room', 'name'], 'two words'],
  [['room', 'maximumMessageRatePerSecond'], 0],
  [['room', 'maximumMessageRatePerSecond'], 101],
  [['room', 'maximumMessageRatePerSecond'], 1.5],
  [['room', 'maximumMessageLength'], 0],
  [['room', 'maximumMessageLength'], 501],
  [['room', 'maximumMessageLength'], 2 ** 53],
  [[...HANDLER, 'uri'], LAMBDA.padEnd(171, 'f')],
  [[...HANDLER, 'uri'], 'arn:aws:s3:::bucket'],
  [[...HANDLER, 'fallbackResult'], 'allow'],
  [TAGS, Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`tag${index}`, '']))],
  [[...TAGS, ''], 'value'],
  [[...TAGS, 't'.repeat(129)], 'value'],
  [[...TAGS, 'team'], 'v'.repeat(257)],
  [[...TAGS, 'AWS:team'], 'value'],
  [[...TAGS, 'greenroom:key'], 'value'],
  [IDENTIFIERS, Array(4).fill(IDENTIFIER)],
  [IDENTIFIERS, [IDENTIFIER.padEnd(129, 'a')]],
  [IDENTIFIERS, ['']],
  [['region'], 'eu-west-2'],
  [['tenant'], ''],
  [['tenant'], 't'.repeat(65)],
  [['correlationId'], ''],
  [['correlationId'], 'c'.repeat(129)],
  [['neededBy'], '2026-02-30T12:00:00Z'],
  [['neededBy'], '2026-12-18T14:00:00'],
  [['neededBy'], '9999-12-31T23:59:59Z'],
  [['roster'], 'r'.repeat(129)],
  [['priority'], 1],
  [['room', 'topic'], 'x'],
];

/** Astral, combining, right-to-left and zero-width characters, line separators, controls, noncharacters and unpaired surrogates. */
const ODD = ['𝒜', '🏟️', 'e\u0301\u0327', 'שלום', '\u202e', '\u200b', '\u2060', '\ufeff', '\u2028', '\u0085', '\u0000'];
const ODDEST = [
  '\u001b[31m',
  '\r\n',
  '\uffff',
  '\ufffe',
  '\u{10ffff}',
  '\ue000',
  '\ud800',
  '\udc00',
  '"',
  '\\',
  '\u007f',
];
/** Unusual characters that a key may contain: no controls, no line breaks and no unpaired surrogates. */
const KEY_PARTS = [
  '𝒜',
  '🏟️',
  'e\u0301\u0327',
  'שלום',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\uffff',
  '\u{10ffff}',
  '"',
  '\\',
  ' ',
];
/** Characters that no string of a request may contain. */
const POISON = ['\u0000', '\ud800'];

const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
];

/** JSON with only characters that SQS accepts. `JSON.stringify` does not escape two characters that XML does not allow. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\ufffe\uffff]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`);
}

/** Valid requests in ASCII, without commas in strings. */
export function requests(): fc.Arbitrary<Required<RequestJson>> {
  return fc.nat().map((number) => {
    const key = `hostile/${number}`;
    return { json: toJson({ idempotencyKey: key, ...REST }), key };
  });
}

export function wrongTypes(): fc.Arbitrary<RequestJson> {
  const wrong = fc.constantFrom(...TYPES).chain(([path, type]) => {
    const others = Object.entries(VALUES).flatMap(([name, values]) => (name === type ? [] : [values]));
    return fc.oneof(...others).map((value) => ({ path, value }));
  });
  return changed(wrong);
}

export function outsideLimits(): fc.Arbitrary<RequestJson> {
  return changed(fc.constantFrom(...OUTSIDE).map(([path, value]) => ({ path, value })));
}

export function oddValues(): fc.Arbitrary<RequestJson> {
  const texts = TYPES.flatMap(([path, type]) => (type === 'string' ? [path] : []));
  return changed(fc.record({ path: fc.constantFrom(...texts), value: poisoned() }));
}

export function oddNames(): fc.Arbitrary<RequestJson> {
  const place = fc.tuple(fc.constantFrom<Path>([], ['room'], HANDLER, TAGS), poisoned());
  return changed(place.map(([path, name]) => ({ path: [...path, name], value: 'value' })));
}

export function prototypeNames(): fc.Arbitrary<RequestJson> {
  const value = fc.constantFrom<unknown>({}, [], 1, { idempotencyKey: 'other', room: {} }, { toString: null });
  const place = fc.tuple(fc.constantFrom<Path>([], ['room'], HANDLER, TAGS), fc.constantFrom(...INHERITED), value);
  const unknownMember = changed(place.map(([path, name, held]) => ({ path: [...path, name], value: held })));
  const hiddenRequest = fc.tuple(fc.constantFrom(...INHERITED), keys()).map(([name, key]) => ({
    json: toJson({ [name]: { idempotencyKey: key, ...REST } }),
  }));
  return fc.oneof({ arbitrary: unknownMember, weight: 4 }, { arbitrary: hiddenRequest, weight: 1 });
}

/** Valid keys, some of them unusual. */
function keys(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom('k', '7', '/', ...KEY_PARTS), maxLength: 20 }).map((text) => `h${text}`);
}

function poisoned(): fc.Arbitrary<string> {
  const text = fc.string({ unit: fc.constantFrom(...ODD, ...ODDEST), maxLength: 12 });
  return fc.tuple(text, fc.constantFrom(...POISON)).map(([odd, poison]) => `${odd}${poison}`);
}

/** Requests that are valid except for one member. */
function changed(changes: fc.Arbitrary<{ path: Path; value: unknown }>): fc.Arbitrary<RequestJson> {
  return fc.tuple(keys(), changes).map(([key, { path, value }]) => ({
    json: toJson(put({ idempotencyKey: key, ...REST }, path, value)),
    key: path[0] === 'idempotencyKey' ? undefined : key,
  }));
}

/** A copy of an object with another value at a path. A spread with a computed name makes `__proto__` an ordinary member. */
function put(whole: object, [name = '', ...rest]: Path, value: unknown): object {
  if (rest.length === 0) return { ...whole, [name]: value };
  const part: unknown = Object.entries(whole).find(([each]) => each === name)?.[1];
  return { ...whole, [name]: put(Object(part), rest, value) };
}
