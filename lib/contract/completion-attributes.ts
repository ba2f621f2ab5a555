import type { Completion } from './completion.ts';

/** The SNS message attributes of one delivery of a completion. Filter policies use them, and `correlationId` is the requester's own. */
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
  // SNS rejects a message that has an attribute with an empty value.
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
