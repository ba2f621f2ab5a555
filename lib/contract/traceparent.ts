/**
 * A trace context that greenroom passes on: version 00, the only published version. For both the trace id and the parent id, the
 * specification says: "All bytes as zero is considered an invalid value" (https://www.w3.org/TR/trace-context/#traceparent-header).
 */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The name of the message attribute, and of the extension attribute of a CloudEvent. */
export const TRACEPARENT_ATTRIBUTE = 'traceparent';

/** The first valid trace context. An invalid one is ignored, because the validity of a request never depends on its trace. */
export function firstTraceparent(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((each): each is string => typeof each === 'string' && TRACEPARENT.test(each));
}
