import { isRecord } from './record.ts';

/**
 * Explains that a message is a source record of EventBridge Pipes. Without an `InputTemplate`, a pipe sends the whole record to its target:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
 * @param payload the name of the payload in error messages
 * @param template a payload with the given id, as an `InputTemplate`
 * @returns undefined if the value is not such a record
 */
export function pipeRecordProblem(
  value: Record<string, unknown>,
  { payload, template }: { payload: string; template: (id: string) => string },
): string | undefined {
  const passedOn = (source: string, remedy: string) =>
    `is a record from ${source}, sent by a pipe without an InputTemplate: set InputTemplate to ${remedy}`;
  switch (value.eventSource) {
    case 'aws:sqs':
      return passedOn(
        'an SQS queue',
        `<$.body> if the body of each message is ${payload}, or to ${template('<$.body.id>')}`,
      );
    case 'aws:kinesis':
      return passedOn(
        'a Kinesis stream',
        `<$.data> if the data of each record is ${payload}, or to ${template('<$.data.id>')}`,
      );
    case 'aws:dynamodb':
      return passedOn('a DynamoDB stream', template(`<$.dynamodb.NewImage.${keyOf(value.dynamodb)}>`));
    case 'aws:kafka':
    case 'SelfManagedKafka':
      if (isRecord(value.records))
        return `is an event of Kafka records for a Lambda function: send the value of each record in a message of its own`;
      return passedOn(
        'a Kafka topic',
        `<$.value> if the value of each record is ${payload}, or to ${template('<$.value.id>')}`,
      );
    default:
      return undefined;
  }
}

/** The path of the item's first key attribute, such as `chatKey.S`. */
function keyOf(change: unknown): string {
  const keys = isRecord(change) && isRecord(change.Keys) ? Object.entries(change.Keys) : [];
  const [name = 'id', typed] = keys[0] ?? [];
  const type = isRecord(typed) && 'N' in typed ? 'N' : 'S';
  // A pipe's path may contain only these characters. A longer name is not used, because the message of a problem is cut to 300 characters.
  return /^[\w-]{1,60}$/.test(name) ? `${name}.${type}` : 'id.S';
}
