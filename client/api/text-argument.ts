/**
 * Returns an argument that must be a string. The compiler does not check JavaScript programs, and a key may come from a variable that is
 * not set.
 * @param name the name of the argument in the error
 * @throws TypeError
 */
export function textArgument(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a string, but is ${value === null ? 'null' : typeof value}`);
}
