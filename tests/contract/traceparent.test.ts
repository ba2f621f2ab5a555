import { describe, expect, test } from '@jest/globals';
import { firstTraceparent } from '../../lib/contract/traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${PARENT}-01`;

/** The rules are those of https://www.w3.org/TR/trace-context/#traceparent-header */
describe('a trace context', () => {
  test.each([VALID, `00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-ff`])('is valid: %s', (text) => {
    expect(firstTraceparent(text)).toBe(text);
  });

  test.each<[string, unknown]>([
    ['has an id of zeros for the trace', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['has an id of zeros for the parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['has upper-case letters', VALID.toUpperCase()],
    ['has another version', `01-${TRACE}-${PARENT}-01`],
    ['has the forbidden version', `ff-${TRACE}-${PARENT}-01`],
    ['is too short', VALID.slice(0, -1)],
    ['is too long', `${VALID}-00`],
    ['has a line break at its end', `${VALID}\n`],
    ['is empty', ''],
    ['is not a string', 7],
    ['is absent', undefined],
  ])('is ignored if it %s', (_what, value) => {
    expect(firstTraceparent(value)).toBeUndefined();
  });

  test('is the first valid one of several', () => {
    expect(firstTraceparent('odd', VALID, `00-${TRACE}-${PARENT}-00`)).toBe(VALID);
  });
});
