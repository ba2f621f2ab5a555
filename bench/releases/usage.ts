import * as z from 'zod';
import { dollars, PRICES } from '../prices.ts';

export const usageSchema = z.object({
  calls: z.record(z.string(), z.number()),
  /** Writes to each table that succeeded, and writes whose condition did not hold. */
  writes: z.object({ ledger: z.number(), pace: z.number(), refused: z.number() }),
  /** The units of all writes to tables, without the writes to the index. */
  writeUnits: z.number(),
  /** The writes to the due index. Each is one unit, because an entry is smaller than 1 KB. */
  indexWrites: z.number(),
  readUnits: z.number(),
  invocations: z.number(),
  billedMs: z.number(),
});

/** The billed operations of one function in a simulated run, and its calls by name. */
export type Usage = z.output<typeof usageSchema>;

export function createUsage(): Usage {
  return {
    calls: {},
    writes: { ledger: 0, pace: 0, refused: 0 },
    writeUnits: 0,
    indexWrites: 0,
    readUnits: 0,
    invocations: 0,
    billedMs: 0,
  };
}

export function countCall(usage: Usage, name: string): void {
  usage.calls[name] = (usage.calls[name] ?? 0) + 1;
}

/** The lines of a bill, in dollars. */
export interface Bill {
  writes: number;
  indexWrites: number;
  reads: number;
  publishes: number;
  lambda: number;
  total: number;
}

/** The costs of the operations at list prices. SQS is not in the bill, because releases have no queue. */
export function billOf(usage: Usage, memoryMb: number): Bill {
  const writes = dollars(PRICES.dynamodbWriteUnit, usage.writeUnits);
  const indexWrites = dollars(PRICES.dynamodbWriteUnit, usage.indexWrites);
  const reads = dollars(PRICES.dynamodbReadUnit, usage.readUnits);
  const publishes = dollars(PRICES.snsPublish, usage.calls.Publish ?? 0);
  const gbSeconds = (usage.billedMs / 1_000) * (memoryMb / 1_024);
  const lambda = dollars(PRICES.lambdaGbSecond, gbSeconds) + dollars(PRICES.lambdaRequest, usage.invocations);
  return { writes, indexWrites, reads, publishes, lambda, total: writes + indexWrites + reads + publishes + lambda };
}
