import * as z from 'zod';
import { type ActionContext, type ActionResult, isoTime } from '../action.ts';
import { notFound } from '../errors.ts';
import { destinationSchema, type LoggingConfiguration } from '../logging-configurations.ts';

const inputSchema = z.object({
  identifier: z.string(),
  name: z.string().optional(),
  destinationConfiguration: destinationSchema.optional(),
});

/** Members that the request leaves out keep their values. */
export function updateLoggingConfiguration(input: unknown, { region, nowMs }: ActionContext): ActionResult {
  const { identifier, name, destinationConfiguration } = inputSchema.parse(input);
  const configuration = region.loggingConfigurations.get(identifier);
  if (!configuration) return { error: notFound(identifier) };
  const updated: LoggingConfiguration = {
    ...configuration,
    updateTime: isoTime(nowMs),
    name: name ?? configuration.name,
    destinationConfiguration: destinationConfiguration ?? configuration.destinationConfiguration,
  };
  region.loggingConfigurations.put(updated, nowMs);
  return { output: updated };
}
