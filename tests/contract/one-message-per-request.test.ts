import { describe, expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { cloudEvent, DEFAULTS, eventBridge, problems, REQUEST, read, sns } from './messages.ts';

const liveEventProblems = (body: unknown) =>
  parseLiveEventMessage(JSON.stringify(body), { ...DEFAULTS, leadMs: 1_800_000, atRiskMs: 600_000 });

describe('a list is refused as a whole, with the remedy:', () => {
  const remedy = 'send each room request in a message of its own';

  test.each([
    ['bare requests', [REQUEST, REQUEST], `: is a JSON array: ${remedy}`],
    ['a single request', [REQUEST], `: is a JSON array: ${remedy}`],
    ['no request', [], `: is a JSON array: ${remedy}`],
    ['the detail of an event', eventBridge([REQUEST]), `detail: is a JSON array: ${remedy}`],
    ['the data of a CloudEvent', cloudEvent({ data: [REQUEST] }), `data: is a JSON array: ${remedy}`],
    ['in an SNS notification', sns([REQUEST]), `: is a JSON array: ${remedy}`],
    // "A JSON Batch of CloudEvents": https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format
    [
      'a CloudEvents batch',
      [cloudEvent({ data: REQUEST }), cloudEvent({ data: REQUEST })],
      ': is a CloudEvents batch: send each event in a message of its own',
    ],
  ])('%s', (_, body, problem) => {
    expect(read(body).kind).toBe('unparseable');
    expect(problems(body)).toEqual([problem]);
  });

  test('live events', () => {
    expect(liveEventProblems([{ liveEventId: 'a' }])).toEqual({
      kind: 'unparseable',
      problems: [{ path: '', message: 'is a JSON array: send each live event in a message of its own' }],
    });
  });
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html */
const SQS_RECORD = {
  messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...',
  body: 'Test message.',
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '1545082649183',
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    ApproximateFirstReceiveTimestamp: '1545082649185',
  },
  messageAttributes: {},
  md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
  awsRegion: 'us-east-2',
};
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html */
const KINESIS_RECORD = {
  kinesisSchemaVersion: '1.0',
  partitionKey: '1',
  sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
  data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
  approximateArrivalTimestamp: 1545084650.987,
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
  eventName: 'aws:kinesis:record',
  invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
  awsRegion: 'us-east-2',
  eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
};
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html */
const DYNAMODB_RECORD = {
  eventID: '1',
  eventVersion: '1.0',
  dynamodb: {
    Keys: { Id: { N: '101' } },
    NewImage: { Message: { S: 'New item!' }, Id: { N: '101' } },
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    SequenceNumber: '111',
    SizeBytes: 26,
  },
  awsRegion: 'us-west-2',
  eventName: 'INSERT',
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/EventSourceTable',
  eventSource: 'aws:dynamodb',
};

/**
 * The path of a template begins at the record: "InputTemplate: <$.attributes.SenderId>". Pipes parse the JSON in `body` and `data`:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
 */
describe('a source record of a pipe is refused with the InputTemplate to use:', () => {
  test.each([
    ['SQS', SQS_RECORD, /^: is a record from an SQS queue, .* set InputTemplate to <\$\.body> if /],
    ['Kinesis', KINESIS_RECORD, /^: is a record from a Kinesis stream, .* set InputTemplate to <\$\.data> if /],
    [
      'DynamoDB',
      DYNAMODB_RECORD,
      /^: is a record from a DynamoDB stream, .* to { "idempotencyKey": "<\$\.dynamodb\.NewImage\.Id\.N>", "room": {} }$/,
    ],
    ['SQS, in an SNS notification', sns(SQS_RECORD), /^: is a record from an SQS queue/],
  ])('%s', (_, body, problem) => {
    expect(read(body).kind).toBe('unparseable');
    expect(problems(body)).toEqual([expect.stringMatching(problem)]);
  });

  test('the template makes a valid request of the record', () => {
    const [problem = ''] = problems(DYNAMODB_RECORD);
    const template = /to ({.*})$/.exec(problem)?.[1] ?? '';
    expect(read(template.replace('<$.dynamodb.NewImage.Id.N>', '101')).kind).toBe('request');
  });

  test('the problem fits into a completion, whatever the name of the key is', () => {
    const Keys = { ['x'.repeat(300)]: { S: '' } };
    for (const body of [SQS_RECORD, KINESIS_RECORD, DYNAMODB_RECORD, { ...DYNAMODB_RECORD, dynamodb: { Keys } }])
      for (const problem of [...problems(body), ...problemsOfLiveEvent(body)])
        expect(problem.length).toBeLessThanOrEqual(300);
  });

  test('in the live-event queue, the template is that of a live event', () => {
    expect(problemsOfLiveEvent(DYNAMODB_RECORD)).toEqual([
      expect.stringContaining('{ "liveEventId": "<$.dynamodb.NewImage.Id.N>", '),
    ]);
  });

  function problemsOfLiveEvent(body: unknown): string[] {
    const parsed = liveEventProblems(body);
    return parsed.kind === 'unparseable' ? parsed.problems.map(({ message }) => message) : [parsed.kind];
  }

  test('a request inside such a record creates no room', () => {
    expect(read({ ...SQS_RECORD, body: JSON.stringify(REQUEST), ...REQUEST }).kind).toBe('unparseable');
  });
});
