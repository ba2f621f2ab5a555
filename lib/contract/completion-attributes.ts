import type { Completion } from './completion.ts';
import type { ReleaseEvent } from './release-event.ts';

/**
 * The SNS message attributes of one delivery of a completion, for filter policies. `correlationId`, `traceparent` and `metadata` are copied
 * from the message. There must never be more than ten attributes: "Messages with more than 10 message attributes directed towards Raw Message
 * Delivery enabled Amazon SQS subscriptions will be discarded as client side errors":
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export function completionAttributes(
  completion: Completion,
  context: {
    lane: 'interactive' | 'bulk';
    roster?: string | undefined;
    correlationId?: string | undefined;
    metadata?: Record<string, unknown> | undefined;
    traceparent?: string | undefined;
  },
): Record<string, string> {
  const { type, data } = completion;
  const attributes = {
    type,
    outcome: data.outcome,
    tenant: data.tenant,
    region: data.region,
    lane: context.lane,
    reason: data.outcome === 'failed' ? data.reason : undefined,
    roster: context.roster,
    correlationId: context.correlationId,
    traceparent: context.traceparent,
    metadata: context.metadata && JSON.stringify(context.metadata),
  };
  return withoutEmpty(attributes);
}

/**
 * The SNS message attributes of an event about a release, for filter policies. `correlationId` and `traceparent` are those of the command
 * that the event answers.
 */
export function releaseAttributes(
  { type, data }: ReleaseEvent,
  context: { correlationId?: string | undefined; traceparent?: string | undefined } = {},
): Record<string, string> {
  const attributes = {
    type,
    outcome: data.outcome,
    tenant: data.tenant,
    region: data.region,
    reason: data.outcome === 'release-failed' ? data.reason : undefined,
    correlationId: context.correlationId,
    traceparent: context.traceparent,
  };
  return withoutEmpty(attributes);
}

/** SNS rejects a message that has an attribute with an empty value. */
function withoutEmpty(attributes: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
