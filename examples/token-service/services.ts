import type { Logger } from '@aws-lambda-powertools/logger';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import * as z from 'zod/mini';
import { createGreenroom, type Greenroom } from '../../client/greenroom.ts';

/** What the handler needs to answer a request. */
export interface Services {
  greenroom: Pick<Greenroom, 'roomFor'>;
  /** The client of IVS Chat in the region of a room. */
  ivsChat(region: string): IvschatClient;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  nowMs(): number;
}

const environmentSchema = z.object({ GREENROOM_STAGE: z.string().check(z.minLength(1)) });

/** Each attempt at a call ends after this time. An HTTP API answers 503 if the function takes longer than 30 seconds. */
const CALL_TIMEOUT_MS = 2_000;

/**
 * In your own project, import `createGreenroom` from the package `greenroom`.
 * @throws ZodError if the environment is incomplete, so that a bad deployment fails at its first cold start
 */
export function servicesFrom(environment: Record<string, string | undefined>, logger: Services['logger']): Services {
  const { GREENROOM_STAGE: stage } = environmentSchema.parse(environment);
  const requestHandler = { requestTimeout: CALL_TIMEOUT_MS, throwOnRequestTimeout: true };
  const clients = new Map<string, IvschatClient>();
  return {
    greenroom: createGreenroom({ stage, sdk: { requestHandler } }),
    ivsChat(region) {
      const client = clients.get(region) ?? new IvschatClient({ region, requestHandler });
      clients.set(region, client);
      return client;
    },
    logger,
    nowMs: Date.now,
  };
}
