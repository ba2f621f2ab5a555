import type { Shape } from './api.ts';
import type { FieldProblem } from './errors.ts';

/** The problems of an input: values of a wrong JSON type (`malformed`), and values that violate their constraints. */
export interface Findings {
  malformed: string[];
  problems: FieldProblem[];
}

/**
 * The model's pattern of a resource ARN allows only one character for the resource type, so it matches no real ARN.
 * The emulator adds the missing `+`.
 */
const CORRECTED_PATTERNS = new Map(
  Object.entries<string>({
    'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:[a-z-]/[a-zA-Z0-9-]+': 'arn:aws:ivschat:[a-z0-9-]+:[0-9]+:[a-z-]+/[a-zA-Z0-9-]+',
  }),
);

const compiled = new Map<string, RegExp>();

/** The whole string must match, although the model's patterns have no anchors. */
function wholeMatch(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = new RegExp(`^(?:${CORRECTED_PATTERNS.get(pattern) ?? pattern})$`, 'u');
  compiled.set(pattern, made);
  return made;
}

/**
 * Checks a value against a shape of the model and collects every problem, not only the first.
 *
 * @returns the value without unknown members and without members set to null, because AWS ignores both
 */
export function validate(shape: Shape, value: unknown, path: string, findings: Findings): unknown {
  switch (shape.type) {
    case 'structure':
      return validateStructure(shape, value, path, findings);
    case 'map':
      return validateMap(shape, value, path, findings);
    case 'list':
      return validateList(shape, value, path, findings);
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) return wrongType('an integer', path, findings);
      checkRange(shape, value, 'Member must have value', path, findings);
      return value;
    case 'string':
    case 'timestamp':
      if (typeof value !== 'string') return wrongType('a string', path, findings);
      validateString(shape, value, path, findings);
      return value;
    default:
      throw new Error(`The service model has a type that the emulator does not know: ${shape.type}`);
  }
}

function validateStructure(shape: Shape, value: unknown, path: string, findings: Findings): unknown {
  if (!isObject(value)) return wrongType('an object', path, findings);
  const isSet = (name: string) => Object.hasOwn(value, name) && value[name] !== null && value[name] !== undefined;
  const known = Object.entries(shape.members ?? {}).filter(([name]) => isSet(name));
  for (const name of (shape.required ?? []).filter((name) => !isSet(name))) {
    findings.problems.push({ name: join(path, name), message: 'Member must not be null' });
  }
  if (shape.union && known.length !== 1) {
    const members = Object.keys(shape.members ?? {}).join(', ');
    findings.problems.push({ name: path, message: `Member must have exactly one of: ${members}` });
  }
  return Object.fromEntries(
    known.map(([name, member]) => [name, validate(member, value[name], join(path, name), findings)]),
  );
}

function validateMap(shape: Shape, value: unknown, path: string, findings: Findings): unknown {
  if (!isObject(value)) return wrongType('an object', path, findings);
  const entries = Object.entries(value);
  checkRange(shape, entries.length, 'Member must have size', path, findings);
  for (const [key, item] of entries) {
    if (shape.key) validate(shape.key, key, join(path, key), findings);
    if (shape.value) validate(shape.value, item, join(path, key), findings);
  }
  return value;
}

function validateList(shape: Shape, value: unknown, path: string, findings: Findings): unknown {
  if (!Array.isArray(value)) return wrongType('a list', path, findings);
  checkRange(shape, value.length, 'Member must have length', path, findings);
  for (const [index, item] of value.entries()) {
    if (shape.item) validate(shape.item, item, `${path}[${index}]`, findings);
  }
  return value;
}

function validateString(shape: Shape, value: string, path: string, findings: Findings): void {
  const length = [...value].length;
  checkRange(shape, length, 'Member must have length', path, findings);
  const add = (message: string) => findings.problems.push({ name: path, message });
  if (shape.enum && !shape.enum.includes(value)) {
    add(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  }
  // A string that is too long is not matched against the pattern, because some patterns take quadratic time.
  if (shape.pattern !== undefined && length <= (shape.max ?? length) && !wholeMatch(shape.pattern).test(value)) {
    add(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  }
}

function checkRange(shape: Shape, measure: number, subject: string, path: string, findings: Findings): void {
  if (shape.min !== undefined && measure < shape.min) {
    findings.problems.push({ name: path, message: `${subject} greater than or equal to ${shape.min}` });
  }
  if (shape.max !== undefined && measure > shape.max) {
    findings.problems.push({ name: path, message: `${subject} less than or equal to ${shape.max}` });
  }
}

function wrongType(expected: string, path: string, findings: Findings): undefined {
  findings.malformed.push(`${path || 'The body'} must be ${expected}`);
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
