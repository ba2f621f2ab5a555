import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { unmarkFormulas } from '../../../lib/contract/csv-formulas.ts';
import { CSV_HEADER, csvLine, invalidLine, memberLine, ndjsonLine } from '../../../lib/rosters/report-line.ts';
import { textsWithFormulas } from '../../support/formulas.ts';

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', ',', '\r\n', '\n', ' x ', '""'),
  textsWithFormulas(),
);

test('a report is read back as it was written, whatever its keys and reasons contain', () => {
  const line = fc.record({
    row: fc.nat(),
    key: texts,
    outcome: fc.constantFrom('created' as const, 'failed' as const),
    reason: texts,
    arn: texts,
    id: texts,
    name: texts,
    region: texts,
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
      const csv = CSV_HEADER + lines.map(csvLine).join('');
      const asText = lines.map((each) => ({ ...each, row: String(each.row) }));
      expect(parse(csv, { columns: true, record_delimiter: '\r\n', cast: unmarkFormulas })).toEqual(asText);
      for (const each of lines) {
        const given = Object.fromEntries(Object.entries(each).filter(([, value]) => value !== ''));
        expect(JSON.parse(ndjsonLine(each))).toEqual(given);
      }
    }),
    { numRuns: 500 },
  );
});

test('the line of a row with more problems than are stored has the number of the others', () => {
  const problems = [
    { path: 'name', message: 'is bad' },
    { path: '', message: 'is worse' },
  ];
  expect(invalidLine({ row: 3, place: 2, problems, problems_total: 12 })).toMatchObject({
    row: 3,
    outcome: 'invalid',
    reason: 'name: is bad; is worse; and 10 more',
  });
});

test('a member without an outcome has no line', () => {
  const member = { ledger_key: 'hash', idempotency_key: 'k', region: 'eu-west-1' };
  expect(() => memberLine(1, member)).toThrow(/no outcome/);
});
