import type { PublishedEvent } from '../../api/published.ts';

/** The parts of an event about one key that the list shows and that its filter searches. */
export interface EventFacts {
  /** Absent if the request had no readable key. */
  key?: string;
  outcome: string;
  tone: 'good' | 'bad' | 'warn';
  reason?: string;
  roomName?: string;
  roomArn?: string;
  tenant?: string;
  region?: string;
  correlationId?: string;
  /** All of these in lower case. */
  searched: string;
}

const known = new WeakMap<PublishedEvent, EventFacts | undefined>();

/** @returns undefined for an event about a whole bulk job or live event */
export function factsOf(published: PublishedEvent): EventFacts | undefined {
  if (!known.has(published)) known.set(published, readFacts(published));
  return known.get(published);
}

function readFacts({ event, attributes }: PublishedEvent): EventFacts | undefined {
  const { data } = event;
  if ('kind' in data) return undefined;
  const { correlationId } = attributes;
  const found = {
    key: data.idempotencyKey,
    outcome: data.outcome,
    reason: 'reason' in data ? data.reason : undefined,
    roomName: 'room' in data ? data.room?.name : undefined,
    roomArn: 'room' in data ? data.room?.arn : undefined,
    tenant: data.tenant,
    region: data.region,
    correlationId,
  };
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  const searched = given
    .map(([, value]) => value)
    .join('\n')
    .toLowerCase();
  return { ...Object.fromEntries(given), outcome: data.outcome, tone: toneOf(data.outcome), searched };
}

function toneOf(outcome: string): EventFacts['tone'] {
  if (outcome === 'failed' || outcome === 'release-failed') return 'bad';
  return outcome === 'created' || outcome === 'adopted' ? 'good' : 'warn';
}
