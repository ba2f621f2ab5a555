import type { Completion } from '../contract/completion.ts';
import { completionAttributes, releaseAttributes } from '../contract/completion-attributes.ts';
import type { Lane } from '../contract/lanes.ts';
import type { ReleaseEvent } from '../contract/release-event.ts';
import { publishEvent } from '../platform/publish-event.ts';
import { Postponement } from './postponement.ts';
import type { Services } from './services.ts';

/** The fields of the answered message that go into the message attributes of its completion. */
export interface RequestContext {
  lane: Lane;
  roster?: string | undefined;
  correlationId?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
  traceparent?: string | undefined;
}

/**
 * Publishes a completion. Any worker may do so at any time, because every copy has the same id.
 * @throws Postponement if SNS does not accept it. The next delivery publishes it again without a call to IVS Chat.
 */
export function publishCompletion(
  services: Publishing,
  completion: Completion,
  context: RequestContext,
): Promise<void> {
  return publish(services, completion, completionAttributes(completion, context));
}

/**
 * Publishes an event about a release.
 * @param context the fields of the command that it answers, if it answers one
 * @throws Postponement if SNS does not accept it
 */
export function publishReleaseEvent(
  services: Publishing,
  event: ReleaseEvent,
  context: { correlationId?: string | undefined; traceparent?: string | undefined } = {},
): Promise<void> {
  return publish(services, event, releaseAttributes(event, context));
}

type Publishing = Pick<Services, 'clients' | 'config' | 'meter'>;

async function publish(services: Publishing, event: object, attributes: Record<string, string>): Promise<void> {
  try {
    await publishEvent(services, event, attributes);
  } catch (cause) {
    services.meter.countPublishFailure();
    throw new Postponement('publish-failed', { cause });
  }
}
