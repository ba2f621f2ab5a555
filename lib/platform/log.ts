import { Logger } from '@aws-lambda-powertools/logger';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** The service's logger: one JSON object per line, with the invocation's ids. Message bodies and room payloads are never logged. */
export function createLogger(): Logger {
  return new Logger();
}
