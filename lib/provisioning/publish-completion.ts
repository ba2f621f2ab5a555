import type { Completion } from '../contract/completion.ts';
import { completionAttributes } from '../contract/completion-attributes.ts';
import type { Lane } from '../contract/lanes.ts';
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
export async function publishCompletion(
  services: Pick<Services, 'clients' | 'config' | 'meter'>,
  completion: Completion,
  context: RequestContext,
): Promise<void> {
  const attributes = completionAttributes(completion, context);
  try {
    await publishEvent(services, completion, attributes);
  } catch (cause) {
    services.meter.countPublishFailure();
    throw new Postponement('publish-failed', { cause });
  }
}
