import { Logger } from '@aws-lambda-powertools/logger';
import type { ParsedCompletion } from 'greenroom/completions';

/** The completion of a room request. */
export type Outcome = Extract<ParsedCompletion, { kind: 'room-provisioned' | 'room-failed' }>;

const logger = new Logger({ serviceName: 'room-consumer' });

/**
 * What your application does with an outcome. **Replace this function.** It is called once for each outcome that it has handled without an
 * error. If it throws, or the process is killed while it runs, it is called again.
 */
export async function useOutcome(outcome: Outcome): Promise<void> {
  if (outcome.kind === 'room-provisioned')
    logger.info('Room ready', { key: outcome.event.subject, arn: outcome.event.data.room.arn });
  else logger.info('No room', { key: outcome.event.subject, reason: outcome.event.data.reason });
}
