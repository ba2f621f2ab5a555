import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { parseReaderItem, type ReaderItem, readerKey } from '../../lib/bulk/reader-item.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import { batchGet } from '../../lib/platform/batch-get.ts';
import { expressionValues } from '../../lib/platform/update-expression.ts';
import { META_SK, parseMeta, ROSTERS_BY_CREATION, type RosterMeta, rosterPk } from '../../lib/rosters/roster-item.ts';
import { type BulkProgress, progressOf } from '../bulk-progress.ts';
import type { Deployment } from '../deployment.ts';
import { UserError } from '../user-error.ts';

export interface ListedJob extends BulkProgress {
  beganAtMs: number;
  /** The address of the manifest. `name` is the name from which the keys of rows without a key are derived. */
  manifest: string;
  name: string;
}

type Reading = Pick<Deployment, 'dynamodb' | 'rosterTable'>;
type Key = Record<string, AttributeValue>;

/** Two items of each job are read at once, and BatchGetItem returns at most 100 items. */
const JOBS_PER_PAGE = 50;
const KEYS_PER_PAGE = 1_000;

const indexedSchema = z.object({
  pk: z.string().transform((pk) => pk.slice(rosterPk('').length)),
  created_at: z.number(),
});

/** The id of a job, and when it began. */
export interface JobId {
  jobId: string;
  beganAtMs: number;
}

/**
 * The bulk jobs of a stage, newest first, page by page, so that a caller can stop after any page. Needs `dynamodb:Query` on the index of
 * rosters, and `dynamodb:BatchGetItem` on the table.
 * @throws UserError if the table has no such index; DynamoDB's error
 */
export async function* listJobs(deployment: Reading, waiting: Waiting): AsyncGenerator<ListedJob[]> {
  for await (const ids of jobIds(deployment, JOBS_PER_PAGE, waiting.signal)) {
    const { metas, readers } = await readItems(ids, deployment, waiting);
    yield ids.flatMap(({ jobId, beganAtMs }): ListedJob[] => {
      const meta = metas.get(jobId);
      // Retention may have deleted the job since the index was read.
      if (meta?.kind !== 'bulk') return [];
      return [{ ...progressOf(jobId, meta, readers.get(jobId)), beganAtMs, ...meta.bulk }];
    });
  }
}

/** The ids of all bulk jobs of a stage, newest first, page by page. */
export async function* jobIds(
  { dynamodb, rosterTable }: Reading,
  limit = KEYS_PER_PAGE,
  signal?: AbortSignal,
): AsyncGenerator<JobId[]> {
  let ExclusiveStartKey: Key | undefined;
  do {
    const command = new QueryCommand({
      TableName: rosterTable,
      IndexName: ROSTERS_BY_CREATION,
      KeyConditionExpression: '#kind = :kind',
      ExpressionAttributeNames: { '#kind': 'kind' },
      ExpressionAttributeValues: expressionValues({ kind: 'bulk' }),
      ScanIndexForward: false,
      Limit: limit,
      ExclusiveStartKey,
    });
    const { Items = [], LastEvaluatedKey } = await dynamodb
      .send(command, signal && { abortSignal: signal })
      .catch(explainMissingIndex);
    yield Items.map((item) => indexedSchema.parse(unmarshall(item))).map((item) => ({
      jobId: item.pk,
      beganAtMs: item.created_at,
    }));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

function explainMissingIndex(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  if (/backfilling global secondary index/.test(error.message))
    throw new UserError('DynamoDB is still filling the index of the jobs after the upgrade: try again later', {
      cause: error,
    });
  if (!/does not have the specified index/.test(error.message)) throw error;
  const remedy = 'deploy this version of greenroom (the local stack: start it with another --data)';
  throw new UserError(`The stage was deployed by a version that cannot list its jobs: ${remedy}`, { cause: error });
}

async function readItems(ids: readonly JobId[], { dynamodb, rosterTable }: Reading, waiting: Waiting) {
  const keys = ids.flatMap(({ jobId }): Key[] => [
    { pk: { S: rosterPk(jobId) }, sk: { S: META_SK } },
    readerKey(jobId),
  ]);
  const metas = new Map<string, RosterMeta>();
  const readers = new Map<string, ReaderItem>();
  for (const item of await batchGet(dynamodb, { tableName: rosterTable, keys }, waiting)) {
    const jobId = item.pk?.S?.slice(rosterPk('').length) ?? '';
    if (item.sk?.S === META_SK) metas.set(jobId, parseMeta(item));
    else readers.set(jobId, parseReaderItem(item));
  }
  return { metas, readers };
}
