import { readFileSync } from 'node:fs';
import * as z from 'zod';

const unconditional = z.undefined('conditions are not evaluated').optional();

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]),
      Condition: unconditional,
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Condition: unconditional })).default({}),
});

/** The parts of a compiled CloudFormation template that the embedded stack reads. */
export type Template = z.infer<typeof templateSchema>;

/**
 * Reads the template that `serverless package` compiles.
 * @throws Error that names the file and its problems
 */
export function readTemplate(file: string): Template {
  const parsed = templateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not a usable template:\n${z.prettifyError(parsed.error)}`);
}
