/**
 * The characters that SQS does not accept: "The following Unicode characters are allowed … #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to
 * #xFFFD | #x10000 to #x10FFFF. … If a message contains characters outside the allowed set, Amazon SQS rejects the message and returns an
 * InvalidMessageContents error."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const NOT_ALLOWED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * The text of a message for SQS or SNS: JSON in which every character that SQS does not accept is escaped, including unpaired surrogates. A
 * JSON parser reads the same value. Messages for SNS need this too, because a message that SNS cannot deliver to a queue is lost.
 * @param content an object, or a string that is already JSON. In any other string, the receiver would see the escapes
 */
export function toMessageText(content: object | string): string {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return text.replace(NOT_ALLOWED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Message attributes of type String: "For string data types, the Value attribute has the same restrictions on the content as the
 * message body." https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html
 * The contract limits the values that requests contain (tenant, roster, correlationId) to printable ASCII, so filters and the roster
 * tracker receive them unchanged. Only other values are escaped.
 */
export function toMessageAttributes(values: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { DataType: 'String', StringValue: toMessageText(value) }]),
  );
}
