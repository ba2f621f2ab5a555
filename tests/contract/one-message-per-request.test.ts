import { describe, expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { dynamoDbRecords, kinesisRecords, sqsRecords } from '../fixtures/documented-events.ts';
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

const [SQS_RECORD = {}] = sqsRecords({}, {});
const [KINESIS_RECORD = {}] = kinesisRecords({}, {});
const [DYNAMODB_RECORD = {}] = dynamoDbRecords({ Message: 'New item!' }, {});

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
