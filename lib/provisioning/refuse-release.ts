import { releaseAttributes } from '../contract/completion-attributes.ts';
import type { ReadInvalidRelease, ReadRelease } from '../contract/read-release.ts';
import { releaseFailedEvent } from '../contract/release-event.ts';
import { publishEvent } from '../platform/publish-event.ts';
import type { Outcome } from './outcome.ts';
import { Postponement } from './postponement.ts';
import type { Services } from './services.ts';

/**
 * Answers a release command that cannot be followed. The event is published before the message is acknowledged, so that SQS delivers the
 * message again if publishing fails.
 * @throws Postponement if SNS does not accept the event
 */
export async function refuseRelease(read: ReadRelease | ReadInvalidRelease, services: Services): Promise<Outcome> {
  const { config, clock, meter } = services;
  const { idempotencyKey, tenant, wish, correlationId, traceparent } = read;
  // This release reads valid commands, but cannot follow them yet.
  const unfollowed = {
    reason: 'invalid-request',
    problems: [{ path: '', message: 'cannot be followed yet' }],
  } as const;
  const { reason, problems } = read.kind === 'release' ? unfollowed : read;
  const refused = { stage: config.stage, idempotencyKey, tenant, wish, reason, nowMs: clock.nowMs() };
  const event = releaseFailedEvent({ ...refused, problems: [...problems] });
  try {
    await publishEvent(services, event, releaseAttributes(event, { correlationId, traceparent }));
  } catch (cause) {
    meter.countPublishFailure();
    throw new Postponement('publish-failed', { cause });
  }
  return { kind: 'answered', how: 'release-failed', completionId: event.id };
}
