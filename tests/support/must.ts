/** A value that is there if nothing is wrong. @throws Error if it is not */
export function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There should be a value here');
  return value;
}
