import { isOperationName, type OperationName, operations, type Shape } from '../../../emulator/ivschat/api.ts';
import type { RawRequest } from './emulator.ts';

/** A value just inside or just outside one constraint of the model, in an otherwise valid input. */
export interface ConstraintCase {
  operation: OperationName;
  /** The constrained member, with its name in the `fieldList`. */
  field: string;
  constraint: string;
  verdict: 'inside' | 'outside';
  input: Record<string, unknown>;
}

type Place = Omit<ConstraintCase, 'constraint' | 'verdict' | 'input'> & {
  /** Sets a value at the place in an otherwise valid input. */
  inputWith: (value: unknown) => Record<string, unknown>;
};

/** A string of this length that matches the pattern, or the shortest string that does. */
const SAMPLES: Record<string, (length: number) => string> = {
  '[a-zA-Z0-9-_]*': (length) => 'a-B_9'.repeat(length).slice(0, length),
  '[a-z0-9-.]+': (length) => 'a-9.b'.repeat(length).slice(0, length),
  '[\\.\\-_/#A-Za-z0-9]+': (length) => '/a.-_#Z9'.repeat(length).slice(0, length),
  '[a-zA-Z0-9_.-]+': (length) => 'aZ_.-9'.repeat(length).slice(0, length),
  '$|^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+.*': (length) =>
    length === 0 ? '' : 'arn:aws:lambda:eu-west-1:123456789012:function:'.padEnd(length, 'f'),
  'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:room/[a-zA-Z0-9-]+': (length) =>
    'arn:aws:ivschat:eu-west-1:1:room/a'.padEnd(length, 'aZ9-'),
  'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:logging-configuration/[a-zA-Z0-9-]+': (length) =>
    'arn:aws:ivschat:eu-west-1:1:logging-configuration/a'.padEnd(length, 'aZ9-'),
  // The model's own pattern for a resource ARN matches no real ARN, so the case uses a real ARN.
  'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:[a-z-]/[a-zA-Z0-9-]+': (length) =>
    'arn:aws:ivschat:eu-west-1:1:room/a'.padEnd(length, 'aZ9-'),
};

/** All cases for all inputs of the API. */
export function allCases(): ConstraintCase[] {
  return Object.keys(operations)
    .filter(isOperationName)
    .flatMap((operation) => {
      const { input } = operations[operation];
      const root: Place = { operation, field: '', inputWith: (value) => Object(value) };
      return casesOfStructure(input, root);
    });
}

function casesOf(shape: Shape, place: Place): ConstraintCase[] {
  switch (shape.type) {
    case 'structure':
      return casesOfStructure(shape, place);
    case 'list':
      return casesOfList(shape, place);
    case 'map':
      return casesOfMap(shape, place);
    case 'integer':
      return [
        ...bound('min', shape.min, -1, place, (value) => value),
        ...bound('max', shape.max, +1, place, (value) => value),
      ];
    default:
      return casesOfString(shape, place);
  }
}

function casesOfStructure(shape: Shape, place: Place): ConstraintCase[] {
  const members = Object.entries(shape.members ?? {});
  const base = Object(minimal(shape));
  const without = (name: string) => Object.fromEntries(Object.entries(base).filter(([member]) => member !== name));
  const fieldOf = (name: string) => (place.field ? `${place.field}.${name}` : name);
  const nested = members.flatMap(([name, member]) =>
    casesOf(member, {
      operation: place.operation,
      field: fieldOf(name),
      inputWith: (value) => place.inputWith({ ...(shape.union ? {} : base), [name]: value }),
    }),
  );
  // A path without its ARN is bound to no operation, so there is no field to name.
  const required = (shape.required ?? [])
    .filter((name) => shape.members?.[name]?.in !== 'uri')
    .flatMap((name) => [
      inside('required', place, base),
      { ...outside('required', place, without(name)), field: fieldOf(name) },
      { ...outside('required', place, { ...base, [name]: null }), field: fieldOf(name) },
    ]);
  return [...nested, ...required, ...(shape.union ? casesOfUnion(members, place) : [])];
}

function casesOfUnion(members: [string, Shape][], place: Place): ConstraintCase[] {
  const [first, second] = members.map(([name, member]) => ({ [name]: minimal(member) }));
  return [
    ...members.map(([name, member]) => inside('union', place, { [name]: minimal(member) })),
    outside('union', place, {}),
    outside('union', place, { ...first, ...second }),
    outside('union', place, { somethingElse: {} }),
  ];
}

function casesOfList(shape: Shape, place: Place): ConstraintCase[] {
  const item = shape.item ?? { type: 'string' };
  const sized = (size: number) => Array.from({ length: size }, (_, index) => distinct(item, index));
  const items = casesOf(item, {
    ...place,
    field: `${place.field}[0]`,
    inputWith: (value) => place.inputWith([value]),
  });
  return [
    // A list in the query cannot be empty.
    ...(shape.in === 'querystring' ? [] : bound('min', shape.min, -1, place, sized)),
    ...bound('max', shape.max, +1, place, sized),
    ...items,
  ];
}

function casesOfMap(shape: Shape, place: Place): ConstraintCase[] {
  const [key, value] = [shape.key ?? { type: 'string' }, shape.value ?? { type: 'string' }];
  const sized = (size: number) =>
    Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, minimal(value)]));
  const values = casesOf(value, {
    ...place,
    field: `${place.field}.k`,
    inputWith: (item) => place.inputWith({ k: item }),
  });
  const keys = casesOf(key, { ...place, inputWith: (name) => place.inputWith({ [String(name)]: 'v' }) });
  return [
    ...bound('min', shape.min, -1, place, sized),
    ...bound('max', shape.max, +1, place, sized),
    ...values,
    ...keys.map((each) => ({ ...each, field: `${place.field}.${Object.keys(Object(each.input[place.field]))[0]}` })),
  ];
}

function casesOfString(shape: Shape, place: Place): ConstraintCase[] {
  const text = (length: number) => (shape.pattern ? sampleOf(shape.pattern, length) : 'x'.repeat(length));
  // A character outside the basic multilingual plane is one code point, but two code units of a JavaScript string.
  const wide = (length: number) => '\u{1f3a4}'.repeat(length);
  const valid = text(Math.max(shape.min ?? 0, Math.min(shape.max ?? 60, 60)));
  return [
    ...(shape.in === 'uri' ? [] : bound('min', shape.min, -1, place, (length) => (length === 0 ? '' : text(length)))),
    ...bound('max', shape.max, +1, place, text),
    ...(shape.pattern || shape.enum ? [] : bound('max', shape.max, +1, place, wide)),
    ...(shape.enum ?? []).map((value) => inside('enum', place, value)),
    ...(shape.enum ? ['', 'allow', 'ALLOW '] : []).map((value) => outside('enum', place, value)),
    ...(shape.pattern ? [inside('pattern', place, valid)] : []),
    ...(shape.pattern ? [` ${valid}`, `${valid}\n`] : []).map((value) => outside('pattern', place, value)),
  ];
}

function sampleOf(pattern: string, length: number): string {
  const sample = SAMPLES[pattern];
  if (!sample) throw new Error(`No sample of ${pattern}: add one`);
  return sample(length);
}

function bound(
  constraint: string,
  limit: number | undefined,
  step: -1 | 1,
  place: Place,
  valueAt: (limit: number) => unknown,
): ConstraintCase[] {
  if (limit === undefined) return [];
  const within = inside(constraint, place, valueAt(limit));
  const beyond = limit + step;
  // Only an integer can be negative; a negative length or size cannot be tried.
  const triable = beyond >= 0;
  return triable ? [within, outside(constraint, place, valueAt(beyond))] : [within];
}

function inside(constraint: string, { operation, field, inputWith }: Place, value: unknown): ConstraintCase {
  return { operation, field, constraint, verdict: 'inside', input: inputWith(value) };
}

function outside(constraint: string, { operation, field, inputWith }: Place, value: unknown): ConstraintCase {
  return { operation, field, constraint, verdict: 'outside', input: inputWith(value) };
}

/** A valid value that has only the required members. */
function minimal(shape: Shape): unknown {
  const members = Object.entries(shape.members ?? {});
  const needed = shape.union ? members.slice(0, 1) : members.filter(([name]) => shape.required?.includes(name));
  if (shape.type === 'structure') return Object.fromEntries(needed.map(([name, member]) => [name, minimal(member)]));
  if (shape.type === 'list') return [minimal(shape.item ?? { type: 'string' })];
  if (shape.type === 'map') return {};
  if (shape.type === 'integer') return shape.min ?? 0;
  return distinct(shape, 0);
}

function distinct(shape: Shape, index: number): string {
  return shape.pattern ? sampleOf(shape.pattern, 60 + index) : `item-${index}`;
}

/** The request for this input, which the model distributes over path, query and body. */
export function requestOf({ operation, input }: ConstraintCase): RawRequest {
  const { http, input: shape } = operations[operation];
  const partOf = (where: string | undefined) =>
    Object.entries(input).filter(([name, value]) => shape.members?.[name]?.in === where && value !== null);
  const query = new URLSearchParams();
  for (const [name, values] of partOf('querystring')) for (const each of [values].flat()) query.append(name, `${each}`);
  const path = partOf('uri').reduce(
    (uri, [name, value]) => uri.replace(`{${name}}`, encodeURIComponent(`${value}`)),
    http.requestUri,
  );
  const body = Object.fromEntries(
    Object.entries(input).filter(([name]) => shape.members?.[name] === undefined || !shape.members[name].in),
  );
  return { method: http.method, path, query, body: http.method === 'POST' ? body : '' };
}
