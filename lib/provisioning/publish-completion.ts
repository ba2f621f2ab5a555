import { PublishCommand } from '@aws-sdk/client-sns';
import type { Completion } from '../contract/completion.ts';
import { completionAttributes } from '../contract/completion-attributes.ts';
import type { Lane } from '../contract/lanes.ts';
import { toMessageAttributes, toMessageText } from '../platform/message-text.ts';
import { Postponement } from './postponement.ts';
import type { Services } from './services.ts';

/** The message that is answered; what of it goes along with the completion. */
export interface Asked {
  lane: Lane;
  roster?: string | undefined;
  correlationId?: string | undefined;
}

/**
 * Publishes a completion as it is stored. Anyone may, any time: its id is the same.
 * @throws Postponement if SNS does not take it; the next delivery publishes it again without touching IVS Chat.
 */
export async function publishCompletion(
  { clients, config, meter }: Pick<Services, 'clients' | 'config' | 'meter'>,
  completion: Completion,
  asked: Asked,
): Promise<void> {
  const command = new PublishCommand({
    TopicArn: config.completionTopicArn,
    Message: toMessageText(completion),
    MessageAttributes: toMessageAttributes(completionAttributes(completion, asked)),
  });
  try {
    await clients.sns.send(command);
  } catch (cause) {
    meter.countPublishFailure();
    throw new Postponement('publish-failed', { cause });
  }
}
