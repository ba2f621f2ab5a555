import * as z from 'zod';

/** The work that a process receives. */
export const taskSchema = z.object({
  /** The records of each batch. */
  batches: z.array(z.array(z.unknown())),
  /** The time from the start of a batch to the start of the next one. Default: the next one starts when the previous one has ended */
  everyMs: z.number().exactOptional(),
});
export type MeasuredTask = z.infer<typeof taskSchema>;

const cost = { wallMs: z.number(), cpuMs: z.number() };

export const loadedSchema = z.object({ kind: z.literal('loaded'), ...cost });

export const handledSchema = z.object({
  kind: z.literal('handled'),
  ...cost,
  allocatedBytes: z.number(),
  /** Messages that the function returned to their queue. */
  failures: z.number(),
  /** The largest resident memory of the process until then. */
  peakBytes: z.number(),
});
export type HandledTask = z.infer<typeof handledSchema>;

export interface Cost {
  wallMs: number;
  /** User and system time of all threads of the process. */
  cpuMs: number;
}
