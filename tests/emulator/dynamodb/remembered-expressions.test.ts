import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { type ExpressionParser, rememberExpressions } from '../../../emulator/dynamodb/remember-expressions.ts';
import { must } from '../../support/must.ts';

const require = createRequire(import.meta.url);
/** These functions of dynalite's validation are used by its parsers. */
const RULES = { isReserved: (name: string) => name.toLowerCase() === 'name', compare: require('dynalite/db').compare };

type Values = Record<string, object>;

/** A parser that remembers, and how often it has parsed. */
function openParser(file: 'conditionParser' | 'updateParser') {
  const { parse, parseAnew = parse }: ExpressionParser = require(`dynalite/db/${file}`);
  let count = 0;
  const parser: ExpressionParser = {
    parse(...args) {
      count += 1;
      return parseAnew(...args);
    },
  };
  rememberExpressions(parser);
  return { parser, anew: must(parser.parseAnew), count: () => count };
}

/** The result of a parser, and the names and values that the expression does not use. */
function outcomeOf(parse: ExpressionParser['parse'], expression: string, attrVals: Values) {
  const attrNames = { '#n': 'name', '#c': 'constructor', '#unused': 'u' };
  const context = {
    ...RULES,
    attrNames,
    attrVals,
    unusedAttrNames: { ...attrNames },
    unusedAttrVals: { ...attrVals },
  };
  try {
    return { result: parse(expression, { context }), context };
  } catch (error) {
    return { error: String(error), context };
  }
}

const NUMBERS: Values[] = [1, 2, 0].map((each) => ({
  ':a': { N: String(each) },
  ':b': { N: '1' },
  ':unused': { S: 'u' },
}));
const [FIRST, SECOND, LESS] = [must(NUMBERS[0]), must(NUMBERS[1]), must(NUMBERS[2])];
const TEXTS: Values = { ':a': { S: 'one' }, ':b': { S: 'two' }, ':unused': { S: 'u' } };
const NAMES: Values = { ':a': { S: 'S' }, ':b': { N: '1' } };
const NO_TYPES: Values = { ':a': { S: 'X' }, ':b': { N: '1' } };

describe('an expression that is parsed again', () => {
  test.each([
    ['conditionParser', 'attribute_not_exists(id) OR (#n < :a AND ((#c = :b) OR NOT contains(list[1], :a)))'],
    ['conditionParser', '#c IN (:a, :b) AND size(#n) > :a'],
    ['conditionParser', '#n BETWEEN :b AND :a'],
    ['conditionParser', 'attribute_type(#n, :a)'],
    ['conditionParser', 'begins_with(#n, :a)'],
    ['conditionParser', 'name = :a'],
    ['conditionParser', '#unknown = :a'],
    ['conditionParser', '#n = = :a'],
    ['updateParser', 'SET #n = if_not_exists(#n, :a) + :b, #c.deep[0] = :a REMOVE other ADD total :b'],
    ['updateParser', 'SET #n = list_append(#c, :a)'],
    ['updateParser', 'SET #n = :missing'],
  ] as const)('by %s has the outcome of its own values: %s', (file, expression) => {
    const { parser, anew } = openParser(file);
    for (const values of [FIRST, SECOND, LESS, TEXTS, NAMES, NO_TYPES, FIRST])
      expect(outcomeOf(parser.parse, expression, values)).toStrictEqual(outcomeOf(anew, expression, values));
  });

  test('is parsed only once for the same types of values, and its result is not shared', () => {
    const { parser, count } = openParser('conditionParser');
    const first = outcomeOf(parser.parse, '#n = :a', FIRST).result;
    expect(count()).toBe(1);
    expect(outcomeOf(parser.parse, '#n = :a', FIRST).result).not.toBe(first);
    expect(outcomeOf(parser.parse, '#n = :a', SECOND).result).toMatchObject({
      expression: { args: [['name'], { N: '2' }] },
    });
    expect(count()).toBe(1);
    outcomeOf(parser.parse, '#n = :a', TEXTS);
    expect(count()).toBe(2);
  });
});
