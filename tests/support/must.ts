/** A value that must exist. @throws Error if it is undefined */
export function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('There should be a value here');
  return value;
}
