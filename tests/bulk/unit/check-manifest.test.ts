import { describe, expect, test } from '@jest/globals';
import { checkManifest } from '../../../lib/bulk/check-manifest.ts';
import type { PlannedRow } from '../../../lib/bulk/plan-rows.ts';

async function* planned(...rows: PlannedRow[]): AsyncGenerator<PlannedRow> {
  yield* rows;
}

/** A row with a number of problems. */
const invalid = (row: number, count: number): PlannedRow => ({
  row,
  place: row - 1,
  kind: 'invalid',
  problems: Array.from({ length: count }, (_, index) => ({ path: `field-${index}`, message: 'is bad' })),
});

describe('the check of a manifest', () => {
  test('counts members, invalid rows and repeated rows', async () => {
    const request = { idempotencyKey: 'a', room: {}, region: 'eu-west-1', tenant: 'default' } as const;
    const rows: PlannedRow[] = [
      { row: 2, place: 1, kind: 'request', request },
      { row: 3, place: 2, kind: 'repeated', repeats: 'a' },
      { row: 4, place: 3, kind: 'request', request: { ...request, idempotencyKey: 'b' } },
      { row: 5, place: 4, kind: 'invalid', problems: [{ path: '', message: 'is not JSON' }] },
    ];
    expect(await checkManifest(planned(...rows))).toEqual({
      rows: 4,
      members: 2,
      repeated: 1,
      invalid: 1,
      problems: [{ path: 'row 5', message: 'is not JSON' }],
      problemsTotal: 1,
    });
  });

  test.each([
    ['of many rows', [invalid(2, 60), invalid(3, 60), invalid(4, 60)], 180],
    ['of one row', [invalid(2, 101), invalid(3, 1)], 102],
  ])('keeps the first hundred problems %s, each with its row, and counts all of them', async (_what, rows, total) => {
    const { problems, problemsTotal } = await checkManifest(planned(...rows));
    expect(problemsTotal).toBe(total);
    expect(problems).toHaveLength(100);
    expect(problems[0]).toEqual({ path: 'row 2: field-0', message: 'is bad' });
    expect(problems[99]?.path).toBe(total === 180 ? 'row 3: field-39' : 'row 2: field-99');
  });

  test('cuts texts that are too long for an event', async () => {
    const row: PlannedRow = { row: 2, place: 1, kind: 'invalid', problems: [{ path: 'x'.repeat(900), message: 'y' }] };
    const { problems } = await checkManifest(planned(row));
    expect(problems[0]?.path.length).toBeLessThan(300);
  });
});
