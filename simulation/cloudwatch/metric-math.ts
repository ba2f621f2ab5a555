/** A value of an expression at one time. A scalar has a value at every time, and a series may have none. */
type Value = { kind: 'scalar'; value: number } | { kind: 'series'; value: number | undefined };

type Values = Readonly<Record<string, number | undefined>>;
type Expression = (values: Values) => Value;

/**
 * The part of CloudWatch's metric math that the alarms use: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * @returns a function that computes the expression at one time; `values`: the value of each of its metrics, undefined if the metric has
 *   none
 * @throws Error if the expression uses anything else
 */
export function parseMetricMath(text: string): (values: Values) => number | undefined {
  const tokens = text.match(/[A-Za-z_]\w*|\d+(\.\d+)?|[<>=!]=|\S/g) ?? [];
  const parser = createParser(tokens);
  const expression = parser.comparison();
  if (tokens.length > 0) throw new Error(`${text}: ${tokens[0]} is not supported here`);
  return (values) => expression(values).value;
}

/** Recursive descent: each function takes its tokens from the front of the list. */
function createParser(tokens: string[]) {
  const isNext = (...options: string[]) => options.includes(tokens[0] ?? '');

  function expect(token: string): void {
    const next = tokens.shift();
    if (next !== token) throw new Error(`${token} is missing before ${next}`);
  }

  function leftToRight(operand: () => Expression, operators: string[]): Expression {
    let left = operand();
    while (isNext(...operators)) {
      const [operator, first, second] = [tokens.shift() ?? '', left, operand()];
      left = (values) => combine(operator, first(values), second(values));
    }
    return left;
  }

  const product = () => leftToRight(primary, ['*', '/']);
  const sum = () => leftToRight(product, ['+', '-']);
  const comparison = () => leftToRight(sum, ['>', '<', '>=', '<=', '==', '!=']);

  function primary(): Expression {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const inner = comparison();
      expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return () => ({ kind: 'scalar', value: Number(token) });
    if (/^[a-z]/.test(token)) return (values) => ({ kind: 'series', value: values[token] });
    return call(token);
  }

  function call(name: string): Expression {
    const apply = functions[name];
    if (apply === undefined) throw new Error(`${name} is not supported`);
    const operands: Expression[] = [];
    for (let separator = '('; separator !== ')'; separator = isNext(')') ? ')' : ',') {
      expect(separator);
      operands.push(comparison());
    }
    expect(')');
    return (values) => apply(operands.map((operand) => operand(values)));
  }

  return { comparison };
}

const operators: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
  '>=': (a, b) => Number(a >= b),
  '<=': (a, b) => Number(a <= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

/**
 * Arithmetic: "Missing values in a time series are treated as 0." Comparison: "only one of the time series has a value for a particular
 * time stamp, the function treats the missing value in the other time series as 0." Where no series has a value, there is no time stamp, so
 * there is no result.
 */
function combine(operator: string, a: Value, b: Value): Value {
  if (a.kind === 'scalar' && b.kind === 'scalar')
    return { kind: 'scalar', value: operators[operator]?.(a.value, b.value) ?? Number.NaN };
  const isMissing = [a, b].every(({ kind, value }) => kind === 'scalar' || value === undefined);
  return { kind: 'series', value: isMissing ? undefined : operators[operator]?.(a.value ?? 0, b.value ?? 0) };
}

const functions: Record<string, (operands: Value[]) => Value> = {
  /** "Fills the missing values of a time series." */
  FILL: ([series, filler]) => ({ kind: 'series', value: series?.value ?? filler?.value }),

  /**
   * The result "has the value of 0, if the corresponding data point of metric1 is TRUE and the corresponding data point does not exist in
   * metric2", and "is dropped, if the corresponding data point of metric1 is FALSE and the corresponding data point does not exist in
   * metric3". It is also dropped if metric1 has no data point.
   */
  IF: ([condition, whenTrue, whenFalse]) => {
    if (condition?.value === undefined) return { kind: 'series', value: undefined };
    return { kind: 'series', value: condition.value === 0 ? whenFalse?.value : (whenTrue?.value ?? 0) };
  },
};
