import type { IncomingRecord } from '../platform/incoming-record.ts';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../platform/retention.ts';
import { RESERVED_RECEIVES } from './next-check.ts';

/** One receive of the message that contains a notice. */
export interface NoticeDelivery {
  /** How often SQS has delivered the message, including this time. */
  receiveCount: number;
  /** How often the notice has been renewed, that is, sent again as a new message. */
  renewals: number;
  sentAtMs: number;
}

/** The message attribute that counts how often the notice was renewed. */
export const RENEWALS_ATTRIBUTE = 'greenroom-renewals';
/**
 * Lambda counts how often a function sends to the queue that invokes it, and stops the chain after "approximately 16" invocations:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const MAX_RENEWALS = 10;
/**
 * The notice of a healthy job is renewed after this many receives. An outage of twenty hours uses about fifty more. Even if the outage
 * begins just before a renewal, the receives that remain after it therefore exceed the reserve.
 */
const RENEWED_AFTER_RECEIVES = 45;
/** A notice that can still be renewed needs a smaller reserve, because the renewal after the problem restores all receives. */
const RESERVED_WHILE_RENEWABLE = 20;
/** A job takes about a day at most, so a notice that is older than this might be parked before its job ends. */
const OLD_MS = PARKED_AFTER_MS.manifests - 24 * 3_600_000;

export function deliveryOf({ attributes, messageAttributes }: IncomingRecord): NoticeDelivery {
  const renewals = Number(messageAttributes[RENEWALS_ATTRIBUTE]?.stringValue ?? 0);
  return {
    receiveCount: attributes.ApproximateReceiveCount,
    // An unreadable number counts as the maximum, because otherwise the chain of renewals might never end.
    renewals: Number.isInteger(renewals) ? renewals : MAX_RENEWALS,
    sentAtMs: attributes.SentTimestamp,
  };
}

/**
 * Whether to renew a notice after a pass that made progress. After any other pass the notice is not renewed, so that its message ages and
 * is eventually parked.
 * @param pass `held`: the manifest was read to its end; `interrupted`: rows were sent, then something failed or time ran out
 */
export function shouldRenew(
  { receiveCount, renewals, sentAtMs }: NoticeDelivery,
  pass: 'held' | 'interrupted',
  nowMs: number,
): boolean {
  if (renewals >= MAX_RENEWALS) return false;
  const scarceAfter = MAX_RECEIVES.manifests - RESERVED_WHILE_RENEWABLE - 1;
  return receiveCount >= (pass === 'held' ? RENEWED_AFTER_RECEIVES : scarceAfter) || nowMs - sentAtMs > OLD_MS;
}

/** The number of spare receives at which the waits of a failing notice become longer. */
export function reservedReceives({ renewals }: NoticeDelivery): number {
  return renewals < MAX_RENEWALS ? RESERVED_WHILE_RENEWABLE : RESERVED_RECEIVES;
}
