import * as z from 'zod';
import { readTemplate, type Template } from '../../emulator/template/read-template.ts';
import { templateFile } from '../../local/start/make-package.ts';

/** The settings of the function that provisions rooms, from the packaged template. */
export interface Deployed {
  memoryMb: number;
  /** MaximumConcurrency of the bulk queue's event source. */
  bulkWorkers: number;
}

const mappingSchema = z.object({
  EventSourceArn: z.object({ 'Fn::GetAtt': z.tuple([z.literal('BulkQueue'), z.literal('Arn')]) }),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});
const functionSchema = z.object({
  FunctionName: z.string().endsWith('-provision-rooms'),
  MemorySize: z.coerce.number(),
});

/** @throws Error if the template has no such function, or no event source on the bulk queue */
export function readDeployed(root: string): Deployed {
  const template = readTemplate(templateFile(root));
  return {
    memoryMb: find(template, functionSchema).MemorySize,
    bulkWorkers: find(template, mappingSchema).ScalingConfig.MaximumConcurrency,
  };
}

function find<Output>({ Resources }: Template, schema: z.ZodType<Output>): Output {
  for (const { Properties } of Object.values(Resources)) {
    const parsed = schema.safeParse(Properties);
    if (parsed.success) return parsed.data;
  }
  throw new Error(`The template has no such resource:\n${JSON.stringify(z.toJSONSchema(schema))}`);
}
