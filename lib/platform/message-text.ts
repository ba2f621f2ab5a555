/**
 * What SQS does not take: "The following Unicode characters are allowed … #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD |
 * #x10000 to #x10FFFF. … If a message contains characters outside the allowed set, Amazon SQS rejects the message and returns an
 * InvalidMessageContents error."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const NOT_ALLOWED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * The one way by which texts leave for SQS and SNS (what SNS cannot deliver to a queue is lost): as JSON, in which every
 * character that SQS does not take is escaped, half a surrogate pair too. To whoever reads the JSON it is the same.
 * @param content an object, or a text that holds JSON already; other text is sent too, with its escapes to be seen
 */
export function toMessageText(content: object | string): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return text.replace(NOT_ALLOWED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Message attributes of type String: "For string data types, the Value attribute has the same restrictions on the content as the
 * message body." https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html
 * The contract keeps what requesters may put there (tenant, roster, correlationId) to printable ASCII, so that filters and the
 * counting of rosters find it as it was written; the escapes are for what else may come there.
 */
export function toMessageAttributes(values: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { DataType: 'String', StringValue: toMessageText(value) }]),
  );
}
