/*
 * Events as AWS's documentation shows them. Only the payloads are invented: the texts and items that an upstream system would write.
 */

/** The fields of "all events delivered to an event bus": https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function busEvent(detailType: string, source: string, detail: object): object {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': detailType,
    source,
    account: '111122223333',
    time: '2017-12-22T18:43:48Z',
    region: 'us-west-1',
    resources: ['arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0'],
    detail,
  };
}

/** "Example events" of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html, with other bodies. */
export function sqsRecords(first: object, second: object): object[] {
  return [
    {
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...',
      body: JSON.stringify(first),
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
    },
    {
      messageId: '2e1424d4-f796-459a-8184-9c92662be6da',
      receiptHandle: 'AQEBzWwaftRI0KuVm4tP+/7q1rGgNqicHq...',
      body: JSON.stringify(second),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1545082650636',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1545082650649',
      },
      messageAttributes: {},
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
      awsRegion: 'us-east-2',
    },
  ];
}

/** "Example event" of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html, with other data. */
export function kinesisRecords(first: object, second: object): object[] {
  return [
    {
      kinesisSchemaVersion: '1.0',
      partitionKey: '1',
      sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
      data: Buffer.from(JSON.stringify(first)).toString('base64'),
      approximateArrivalTimestamp: 1545084650.987,
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
      awsRegion: 'us-east-2',
      eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
    },
    {
      kinesisSchemaVersion: '1.0',
      partitionKey: '1',
      sequenceNumber: '49590338271490256608559692540925702759324208523137515618',
      data: Buffer.from(JSON.stringify(second)).toString('base64'),
      approximateArrivalTimestamp: 1545084711.166,
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: 'shardId-000000000006:49590338271490256608559692540925702759324208523137515618',
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
      awsRegion: 'us-east-2',
      eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
    },
  ];
}

/** "Example event" of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html, with other attributes. */
export function dynamoDbRecords(inserted: Record<string, string>, changed: Record<string, string>): object[] {
  const image = (item: Record<string, string>) => ({
    Id: { N: '101' },
    ...Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }])),
  });
  return [
    {
      eventID: '1',
      eventVersion: '1.0',
      dynamodb: {
        Keys: { Id: { N: '101' } },
        NewImage: image(inserted),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        SequenceNumber: '111',
        SizeBytes: 26,
      },
      awsRegion: 'us-west-2',
      eventName: 'INSERT',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/EventSourceTable',
      eventSource: 'aws:dynamodb',
    },
    {
      eventID: '2',
      eventVersion: '1.0',
      dynamodb: {
        OldImage: image(inserted),
        SequenceNumber: '222',
        Keys: { Id: { N: '101' } },
        SizeBytes: 59,
        NewImage: image(changed),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      awsRegion: 'us-west-2',
      eventName: 'MODIFY',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/EventSourceTable',
      eventSource: 'aws:dynamodb',
    },
  ];
}
