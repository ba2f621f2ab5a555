/** The facts about any message. Times are in epoch milliseconds. */
export interface MessageFacts {
  sentAtMs: number;
  /** The sender's trace context, if it is valid. It appears only in log lines and in the attributes of the answer. */
  traceparent?: string;
}
