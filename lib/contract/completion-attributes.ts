import type { Completion } from './completion.ts';

/** The SNS message attributes of one delivery of a completion: for filter policies, and to return the requester's own values. */
export function completionAttributes(
  completion: Completion,
  context: { lane: 'interactive' | 'bulk'; roster?: string | undefined; correlationId?: string | undefined },
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
  };
  // SNS refuses a message with an empty attribute.
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
