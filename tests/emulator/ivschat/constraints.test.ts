import { expect, test } from '@jest/globals';
import { operations, type Shape } from '../../../emulator/ivschat/api.ts';
import type { ServiceRequest, ServiceResponse } from '../../../emulator/service.ts';
import { allCases, type ConstraintCase, requestOf } from './constraint-cases.ts';
import { emulator, rawRequest, UNLIMITED } from './emulator.ts';

const REFUSALS = ['ValidationException', 'SerializationException'];

/** The words with which a refusal names each kind of constraint. */
const WORDING: Record<string, RegExp> = {
  min: /greater than or equal to/,
  max: /less than or equal to/,
  pattern: /regular expression/,
  enum: /enum value set/,
  required: /must not be null/,
  union: /exactly one of/,
};

const cases = allCases();

/** The problem with the response to a case; undefined if the response is right. */
function complaint({ verdict, field, constraint }: ConstraintCase, response: ServiceResponse): string | undefined {
  if ('lost' in response) return 'no response';
  const errorType = response.headers['x-amzn-errortype'] ?? '';
  const { reason, fieldList = [] } = errorType ? JSON.parse(response.body.toString()) : {};
  const problems: { name: string; message: string }[] = fieldList;
  if (verdict === 'inside') {
    // A token of a valid length is refused later, because the emulator did not issue it.
    const isToken = field === 'nextToken' && response.body.toString().includes('token is not valid');
    return REFUSALS.includes(errorType) && !isToken ? `refused: ${response.body}` : undefined;
  }
  if (errorType !== 'ValidationException' || response.status !== 400)
    return `not refused: ${response.status} ${errorType}`;
  if (reason !== 'FIELD_VALIDATION_FAILED') return `reason ${reason}`;
  const others = problems.filter(({ name }) => name !== field);
  if (others.length > 0) return `other fields are named: ${JSON.stringify(others)}`;
  return problems.some(({ message }) => WORDING[constraint]?.test(message)) ? undefined : 'the constraint is not named';
}

async function complaintsAbout(handle: (request: ServiceRequest) => Promise<ServiceResponse>, nowMs: number) {
  const complaints: string[] = [];
  for (const each of cases) {
    const problem = complaint(each, await handle(rawRequest(nowMs, requestOf(each))));
    const { operation, field, constraint, verdict } = each;
    if (problem)
      complaints.push(`${operation} ${field.slice(0, 60)} ${verdict} ${constraint}: ${problem.slice(0, 300)}`);
  }
  return complaints;
}

function shapesWithin(shape: Shape): Shape[] {
  const inner = [...Object.values(shape.members ?? {}), shape.item, shape.key, shape.value];
  return [shape, ...inner.flatMap((each) => (each ? shapesWithin(each) : []))];
}

function countBy(key: (each: ConstraintCase) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of cases) counts[key(each)] = (counts[key(each)] ?? 0) + 1;
  return counts;
}

test('for every constraint on every input, a value just inside is accepted, and one just outside is refused by name', async () => {
  const { ivsChat, clock } = emulator({
    quotas: { ...UNLIMITED, roomsPerRegion: 1_000_000, loggingConfigurationsPerRegion: 1_000_000 },
  });
  expect(await complaintsAbout(ivsChat.handle, clock.nowMs)).toEqual([]);
});

test('the cases cover every constraint on the inputs in the model', () => {
  const tried = countBy(({ constraint, verdict }) => `${constraint} ${verdict}`);
  const inputs = Object.values(operations).map(({ input }) => input);
  const carried = (holds: (shape: Shape) => unknown) => inputs.flatMap(shapesWithin).filter(holds).length;
  expect(Object.keys(countBy(({ operation }) => operation))).toHaveLength(14);
  expect(carried(({ max }) => max)).toBeGreaterThan(40);
  expect(tried['max outside']).toBeGreaterThanOrEqual(carried(({ max }) => max));
  expect(tried['max inside']).toBe(tried['max outside']);
  // Two constraints cannot be tried: a path without its ARN is bound to no operation, and a list in the query is never empty.
  expect(tried['min outside']).toBe(carried(({ min, in: where }) => min && where !== 'uri'));
  expect(tried['min inside']).toBe(carried(({ min, in: where }) => min !== undefined && where === undefined));
  expect(tried['pattern outside']).toBe(2 * carried(({ pattern }) => pattern));
  const enums = inputs.flatMap(shapesWithin).map((shape) => shape.enum ?? []);
  expect(tried['enum inside']).toBe(enums.flat().length);
  expect(tried['required outside']).toBeGreaterThanOrEqual(2 * carried(({ required }) => required) - 3);
  expect(tried['union outside']).toBe(3 * carried(({ union }) => union));
});

test('control: the cases detect a service that accepts everything, and one that refuses everything', async () => {
  const verdicts = countBy(({ verdict }) => verdict);
  const answer = (status: number, headers: Record<string, string>, body: string) => async () => ({
    status,
    headers,
    body,
  });
  const takesAll = await complaintsAbout(answer(200, {}, '{}'), 0);
  expect(takesAll).toHaveLength(verdicts.outside ?? 0);
  const refusal = answer(400, { 'x-amzn-errortype': 'ValidationException' }, '{"reason":"FIELD_VALIDATION_FAILED"}');
  expect(await complaintsAbout(refusal, 0)).toHaveLength(cases.length);
});
