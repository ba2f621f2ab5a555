import { median } from '../harness/arithmetic.ts';
import type { Table } from '../harness/table.ts';

export const MEASURED_CALLS = 2_000;
const MAX_RATIO = 1.5;

/** The times of both calls in milliseconds, one after the other. */
export interface Times {
  bare: number[];
  roomFor: number[];
}

/** The medians and their ratios. @param results in the order of the columns */
export function tableOf(results: readonly Times[]): Table {
  const bare = results.map((times) => median(times.bare));
  const roomFor = results.map((times) => median(times.roomFor));
  const ratios = roomFor.map((ms, index) => ms / (bare[index] ?? Number.NaN));
  return {
    scenario: 'client',
    title: `roomFor and a bare GetItem: medians of ${MEASURED_CALLS} calls each, in turns`,
    columns: ['the embedded DynamoDB', 'an endpoint that answers at once'],
    rows: [
      { figure: 'bare GetItem, strongly consistent', unit: 'milliseconds', values: bare },
      { figure: 'roomFor', unit: 'milliseconds', values: roomFor },
      { figure: 'ratio', unit: 'number', values: ratios, bound: { atMost: MAX_RATIO } },
    ],
    notes: [
      'The endpoint that answers at once is a separate process that returns the same item without looking for it, so almost all of the time is the work of the client. Over a network, both calls take longer by the same amount, so the ratio is nearer to 1.',
    ],
  };
}
