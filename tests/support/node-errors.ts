import { types } from 'node:util';

/**
 * Makes errors of Node itself instances of `Error`. Jest runs tests in a context with an `Error` of its own, so that the SDK would not
 * recognise the errors of the network, and would replace them by others without a code.
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
