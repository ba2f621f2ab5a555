import * as z from 'zod';
import { type ActionContext, type ActionResult, newIdentity } from '../action.ts';
import { quotaExceeded } from '../errors.ts';
import { destinationSchema, type LoggingConfiguration } from '../logging-configurations.ts';
import { refuseTags, tagsSchema } from '../tags.ts';

const inputSchema = z.object({
  name: z.string().default(''),
  destinationConfiguration: destinationSchema,
  tags: tagsSchema.default({}),
});

/** Creates a logging configuration. It does not check whether the destination exists. */
export function createLoggingConfiguration(input: unknown, context: ActionContext): ActionResult {
  const wanted = inputSchema.parse(input);
  const refused = refuseTags(wanted.tags);
  if (refused) return { error: refused };
  const { loggingConfigurations } = context.region;
  const limit = context.quotas.loggingConfigurationsPerRegion;
  if (loggingConfigurations.count() >= limit) return { error: quotaExceeded('logging configurations', limit) };
  const identity = newIdentity('logging-configuration', context);
  const configuration: LoggingConfiguration = { ...identity, ...wanted, state: 'ACTIVE' };
  loggingConfigurations.put(configuration, context.nowMs);
  return { output: configuration };
}
