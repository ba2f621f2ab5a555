import { types } from 'node:util';

/**
 * Makes errors of Node itself instances of `Error`. Jest's own runner, which mutation runs use, runs tests in a context with another `Error`.
 * There, the SDK would not recognise network errors, and would replace them with errors without a code.
 */
export function recogniseNodeErrors(): void {
  const { [Symbol.hasInstance]: isInstance } = Function.prototype;
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: unknown, value: unknown) {
      return this === Error ? types.isNativeError(value) : isInstance.call(this, value);
    },
  });
}
