import * as z from 'zod';
import type { Collection } from './collection.ts';
import { type ApiError, notFound } from './errors.ts';
import type { LoggingConfiguration } from './logging-configurations.ts';
import { tagsSchema } from './tags.ts';

/** The review handler as requests contain it. */
export const messageReviewHandlerSchema = z.object({
  uri: z.string().optional(),
  fallbackResult: z.enum(['ALLOW', 'DENY']).optional(),
});

/** A room as GetRoom returns it. It is stored in the same form. */
export const roomSchema = z.object({
  arn: z.string(),
  id: z.string(),
  name: z.string(),
  createTime: z.string(),
  updateTime: z.string(),
  maximumMessageRatePerSecond: z.number(),
  maximumMessageLength: z.number(),
  messageReviewHandler: messageReviewHandlerSchema.optional(),
  tags: tagsSchema,
  loggingConfigurationIdentifiers: z.array(z.string()),
});

export type Room = z.infer<typeof roomSchema>;

/** The handler with its default filled in; empty if the request has no handler. */
export function reviewHandler(
  given: z.infer<typeof messageReviewHandlerSchema> | undefined,
): Pick<Room, 'messageReviewHandler'> {
  return given ? { messageReviewHandler: { ...given, fallbackResult: given.fallbackResult ?? 'ALLOW' } } : {};
}

/** Refuses a room that refers to a logging configuration that does not exist. */
export function refuseMissingLogging(
  arns: string[] | undefined,
  configurations: Collection<LoggingConfiguration>,
): ApiError | undefined {
  const missing = arns?.find((arn) => configurations.get(arn) === undefined);
  return missing === undefined ? undefined : notFound(missing);
}
