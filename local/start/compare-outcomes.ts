import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type OutcomeKind, outcomeKind } from './outcome-of.ts';
import type { Tracked } from './run-record.ts';

const expectationSchema = z.object({
  line: z.int(),
  idempotencyKey: z.string().optional(),
  expect: z.union([z.literal('provisioned'), z.object({ 'replay-of': z.int() }), z.object({ failed: z.string() })]),
  /** The paths that the failure names. */
  problems: z.array(z.string()).optional(),
});

export type Expectation = z.infer<typeof expectationSchema>;

/** @throws Error if the file does not have the form of events/README.md */
export function readExpectations(path: string): Expectation[] {
  return z.array(expectationSchema).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/**
 * The lines whose outcome differs from the expected one. SQS standard queues do not preserve order, and of two requests with the same key,
 * the one that is handled first gets the room. Lines with the same key may therefore swap their outcomes.
 */
export function differences(expectations: Expectation[], requests: readonly Tracked[]): string[] {
  const byLine = new Map(requests.map((tracked) => [tracked.request.number, tracked]));
  const pairs = expectations.map((expectation) => ({ expectation, tracked: byLine.get(expectation.line) }));
  const byKey = Map.groupBy(pairs, ({ expectation: { idempotencyKey, line } }) => idempotencyKey ?? `line ${line}`);
  return [...byKey.values()].flatMap((pairsOfKey) => {
    const expected = pairsOfKey.map(({ expectation }) => expectedKind(expectation)).sort();
    const actual = pairsOfKey.map(({ tracked }) => actualKind(tracked)).sort();
    const differ = expected.join('\n') !== actual.join('\n') || pairsOfKey.some(problemsDiffer);
    return differ ? pairsOfKey.map(describe) : [];
  });
}

type Pair = { expectation: Expectation; tracked: Tracked | undefined };

function expectedKind({ expect }: Expectation): OutcomeKind {
  if (expect === 'provisioned') return 'provisioned';
  return 'failed' in expect ? `failed: ${expect.failed}` : 'replay';
}

function actualKind(tracked: Tracked | undefined): OutcomeKind {
  return tracked ? outcomeKind(tracked) : 'open';
}

function problemsDiffer({ expectation, tracked }: Pair): boolean {
  return (
    expectation.problems !== undefined &&
    expectation.problems.toSorted().join('\n') !== problemPaths(tracked).join('\n')
  );
}

function problemPaths(tracked: Tracked | undefined): string[] {
  const data = tracked?.answer?.completion.data;
  const problems = data?.outcome === 'failed' ? (data.problems ?? []) : [];
  return [...new Set(problems.map(({ path }) => path))].sort();
}

function describe({ expectation, tracked }: Pair): string {
  const named = (kind: OutcomeKind, paths: string[]) => (paths.length > 0 ? `${kind} (${paths.join(', ')})` : kind);
  const expected = named(expectedKind(expectation), expectation.problems ?? []);
  const actual = named(actualKind(tracked), expectation.problems ? problemPaths(tracked) : []);
  return `line ${expectation.line}: expected ${expected}, was ${actual}`;
}
