import * as z from 'zod';

/** The runner's request to a function's runtime to run an event, with the data of Lambda's context. */
export const requestSchema = z.object({
  requestId: z.string(),
  event: z.unknown(),
  functionName: z.string(),
  functionArn: z.string(),
  memoryMb: z.number(),
  deadlineMs: z.number(),
});
export type Request = z.infer<typeof requestSchema>;

const errorSchema = z.object({ name: z.string(), message: z.string(), stack: z.string().optional() });

/** The runtime's reports to the runner. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('init-error'), error: errorSchema }),
  z.object({ kind: z.literal('ok'), payload: z.unknown() }),
  z.object({ kind: z.literal('error'), error: errorSchema }),
]);
export type Report = z.infer<typeof reportSchema>;
export type FunctionError = z.infer<typeof errorSchema>;

export function describeError(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  return { name: thrown.name, message: thrown.message, ...(thrown.stack !== undefined && { stack: thrown.stack }) };
}
