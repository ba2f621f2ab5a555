/** The part of dynalite's context that differs from expression to expression. The parsers remove the names and values that they use. */
export interface ExpressionContext {
  attrNames?: Record<string, unknown> | null | undefined;
  attrVals?: Record<string, object> | null | undefined;
  unusedAttrNames: Record<string, unknown>;
  unusedAttrVals: Record<string, unknown>;
}

type Parse = (expression: string, options: { context: ExpressionContext }) => unknown;

export interface ExpressionParser {
  parse: Parse;
  /** The parser's original function, which `rememberExpressions` has replaced. */
  parseAnew?: Parse;
}

/** For these expressions, the result of parsing depends on the values, and not only on their types. */
const DEPENDS_ON_VALUES = /between|attribute_type/i;
const MOST_EXPRESSIONS = 1_000;

interface Remembered {
  result: unknown;
  /** The names of the values that the result contains. */
  names: Map<unknown, string>;
  usedNames: string[];
  usedVals: string[];
}

/**
 * Makes a parser of dynalite parse each expression only once for the same attribute names and types of values. Its parsers try many
 * alternatives for each expression. Without this function, parsing took a tenth of the time of a simulation.
 */
export function rememberExpressions(parser: ExpressionParser): void {
  const parse = parser.parseAnew ?? parser.parse;
  parser.parseAnew = parse;
  const remembered = new Map<string, Remembered>();
  parser.parse = (expression, options) => {
    const { context } = options;
    if (DEPENDS_ON_VALUES.test(expression)) return parse(expression, options);
    const key = keyOf(expression, context);
    let known = remembered.get(key);
    if (known === undefined) {
      known = parseOnce(parse, expression, options);
      // A string is an error message.
      if (typeof known.result === 'string') return known.result;
      if (remembered.size >= MOST_EXPRESSIONS) remembered.clear();
      remembered.set(key, known);
    }
    for (const name of known.usedNames) delete context.unusedAttrNames[name];
    for (const name of known.usedVals) delete context.unusedAttrVals[name];
    return withValues(known.result, known.names, context.attrVals ?? {});
  };
}

function keyOf(expression: string, { attrNames, attrVals }: ExpressionContext): string {
  const types = Object.entries(attrVals ?? {}).map(([name, value]) => [name, Object.keys(value)]);
  return JSON.stringify([expression, attrNames ?? null, types]);
}

function parseOnce(parse: Parse, expression: string, options: { context: ExpressionContext }): Remembered {
  const { unusedAttrNames, unusedAttrVals, attrVals } = options.context;
  const before = [Object.keys(unusedAttrNames), Object.keys(unusedAttrVals)] as const;
  const result = parse(expression, options);
  return {
    result,
    names: new Map(Object.entries(attrVals ?? {}).map(([name, value]) => [value, name])),
    usedNames: before[0].filter((name) => !(name in unusedAttrNames)),
    usedVals: before[1].filter((name) => !(name in unusedAttrVals)),
  };
}

/** A copy of a parsed expression with the values of this request. The actions change parsed expressions. */
function withValues(node: unknown, names: Map<unknown, string>, values: Record<string, object>): unknown {
  const name = names.get(node);
  if (name !== undefined) return values[name];
  if (Array.isArray(node)) return node.map((each) => withValues(each, names, values));
  if (typeof node !== 'object' || node === null) return node;
  const copies = Object.entries(node).map(([key, each]) => [key, withValues(each, names, values)]);
  // Some parts have no prototype, so that an attribute may be named `constructor`.
  return Object.assign(Object.create(Object.getPrototypeOf(node)), Object.fromEntries(copies));
}
