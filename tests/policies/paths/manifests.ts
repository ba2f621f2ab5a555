import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteQueueCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { bulkJobId } from '../../../lib/bulk/manifest-notice.ts';
import { rosterPk, rowSk } from '../../../lib/rosters/roster-item.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type Item, REGION, type World } from './world.ts';

const key = (jobId: string): Item => ({ pk: { S: rosterPk(jobId) }, sk: { S: 'meta' } });

/** Uploads a manifest. @returns the id of its job */
async function upload({ deployment }: World, name: string, Body: string): Promise<string> {
  const Bucket = await deployment.manifestBucket();
  const Key = `manifests/${name}`;
  const { ETag = '' } = await deployment.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  return bulkJobId({ bucket: Bucket, key: Key, etag: ETag.replaceAll('"', '') });
}

const untilState = (world: World, jobId: string, state: string) =>
  until(async () => {
    const meta = await world.item(world.deployment.rosterTable, key(jobId));
    return meta?.state?.S === state ? meta : undefined;
  }, 60_000);

/** start-bulk-job and track-rosters: a job with an invalid and a repeated row, to its report. @returns its meta item */
export async function completeJob(world: World): Promise<Item> {
  const rows = ['key,name', 'row-1,hall', 'row-1,hall', 'row-2,hall', 'row-3,hall'];
  const jobId = await upload(world, 'whole.csv', `${rows.join('\n')}\nrow-4,${'x'.repeat(200)}\n`);
  return untilState(world, jobId, 'announced');
}

/** start-bulk-job: a manifest that is refused, one that is missing, and a notice that cannot be read. */
export async function refuseManifests(world: World): Promise<void> {
  await untilState(world, await upload(world, 'refused.csv', 'colour\nred\n'), 'refused');
  await world.send('ManifestQueue', notice(world, 'missing.csv', await world.deployment.manifestBucket()));
  await world.send('ManifestQueue', 'no notice');
  await world.untilDone('ManifestQueue');
}

function notice(_world: World, name: string, bucket: string, eTag = '0'.repeat(32)): object {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: bucket }, object: { key: `manifests/${name}`, size: 10, eTag, sequencer: '0055' } },
      },
    ],
  };
}

/** track-rosters: a message that cannot be read, and a report that is abandoned after a part of it was uploaded. */
export async function abandonReport(world: World, finished: Item): Promise<void> {
  await world.send('RosterQueue', 'no completion');
  const { rosterTable: TableName, dynamodb, sqs } = world.deployment;
  const put = (Item: Item) => dynamodb.send(new PutItemCommand({ TableName, Item }));
  const pk = { S: rosterPk('abandoned') };
  // Thirty invalid rows with long reasons make a report of more than one part. The row after the first ten thousand cannot be read.
  const message = { S: 'x'.repeat(190_000) };
  for (let place = 1; place <= 30; place++)
    await put({
      pk,
      sk: { S: rowSk(place) },
      row: { N: String(place) },
      place: { N: String(place) },
      problems: { L: [{ M: { path: { S: '' }, message } }] },
    });
  await put({ pk, sk: { S: rowSk(10_001) }, place: { N: '10001' } });
  await put({ ...finished, pk, roster_id: { S: 'abandoned' }, state: { S: 'sealed' }, rows: { N: '10001' } });
  await world.send('RosterQueue', { checkRoster: 'abandoned' });
  await world.logged(/track-rosters: .*A roster could not be tracked.*abandoned/);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: world.queue('RosterQueue') }));
}

/** track-rosters: a stopped job whose rows are answered. It writes the report, and removes the job from the pace items. */
export async function endStoppedJob(world: World, finished: Item): Promise<void> {
  const jobId = 'ab'.repeat(32);
  const { rosterTable: TableName, dynamodb } = world.deployment;
  const counters = { rows: { N: '0' }, members: { N: '0' }, state: { S: 'sealed' }, stopped_at: { N: '1' } };
  const Item = { ...finished, ...key(jobId), roster_id: { S: jobId }, ...counters };
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  await world.send('RosterQueue', { checkRoster: jobId });
  await untilState(world, jobId, 'announced');
}

/**
 * start-bulk-job: manifests whose requests cannot be sent, because the bulk lane is missing. One waits; the notice of the other, which has
 * had many receives, is sent again. The lane is missing afterwards.
 */
export async function readWithoutLane(world: World): Promise<void> {
  const { sqs, s3, manifestBucket } = world.deployment;
  const Bucket = await manifestBucket();
  await sqs.send(new DeleteQueueCommand({ QueueUrl: world.queue('BulkQueue') }));
  await upload(world, 'waiting.csv', 'key\nwaiting\n');
  await world.logged(/start-bulk-job: .*A manifest could not be read/);
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
  const body = 'key\nsent-again\n';
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'manifests/again.csv', Body: body }));
  const record = {
    messageId: 'm-1',
    receiptHandle: 'r-1',
    body: JSON.stringify(notice(world, 'again.csv', Bucket, must(ETag).replaceAll('"', ''))),
    attributes: {
      ApproximateReceiveCount: '110',
      SentTimestamp: String(Date.now() - 60_000),
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: String(Date.now() - 60_000),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:000000000000:greenroom-local-manifests`,
    awsRegion: REGION,
  };
  await world.stack.invoke('start-bulk-job', { Records: [record] });
  await world.logged(/start-bulk-job: .*A notice was sent again/);
}
