/**
 * Replaces `@aws-lambda-powertools/jmespath`, which Powertools uses to select an idempotency key with an expression. greenroom passes the key
 * itself, so no expression is ever evaluated.
 * @throws Error if an expression is evaluated
 */
export function search(expression: string): never {
  throw new Error(
    `The bundles contain no code for JMESPath expressions such as "${expression}" (scripts/bundling/lean-sdk.ts).`,
  );
}

/** Replaces the additional functions of expressions. `IdempotencyConfig` creates an object, but only `search` uses it. */
export class PowertoolsFunctions {}
