import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { type Completion, failedCompletion, provisionedCompletion } from '../../lib/contract/completion.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { Answer } from './modelled-lane.ts';

export const START_MS = Date.parse('2026-12-18T12:00:00Z');
export const CLOSED: Region = 'ap-south-1';
const OPEN: Region[] = ['eu-west-1', 'us-east-1'];
const FUNCTION_TIMEOUT_MS = 120_000;

export function manifestOf(index: number, { closedRows, openRows }: { closedRows: number; openRows: number }) {
  const rowsOf = (region: Region, count: number) =>
    Array.from({ length: count }, (_, row) => `m${index}-${region}-${row},${region}`);
  const rows = [...rowsOf(CLOSED, closedRows), ...OPEN.flatMap((region) => rowsOf(region, openRows))];
  const text = ['key,region', ...rows].join('\n');
  return { key: `manifests/${index}/rooms.csv`, text, etag: createHash('md5').update(text).digest('hex') };
}

/** S3's notice of a manifest. */
export function noticeOf({ key, etag, text }: { key: string; etag: string; text: string }): string {
  const object = { key, size: text.length, eTag: etag, sequencer: '0055AED6' };
  const record = {
    eventName: 'ObjectCreated:Put',
    eventTime: new Date(START_MS).toISOString(),
    s3: { bucket: { name: 'manifests' }, object },
  };
  return JSON.stringify({ Records: [record] });
}

export function answerS3(command: unknown, manifests: { key: string; text: string }[]): object {
  if (!(command instanceof GetObjectCommand)) return { UploadId: 'u', ETag: '"e"' };
  const text = manifests.find(({ key }) => key === command.input.Key)?.text ?? '';
  return { Body: Readable.from([Buffer.from(text)]), ContentLength: text.length, Metadata: {} };
}

export function contextAt(nowMs: number): Context {
  const deadlineMs = nowMs + FUNCTION_TIMEOUT_MS;
  return { getRemainingTimeInMillis: () => deadlineMs - nowMs } as Context;
}

export function completionOf(
  { idempotencyKey, room, region, tenant }: Answer['request'],
  outcome: Answer['outcome'],
  atMs: number,
): Completion {
  const decided = {
    stage: 'test',
    idempotencyKey,
    claimId: idempotencyKey,
    tenant,
    region,
    generation: 0,
    payloadHash: payloadHash({ room, region }),
    decidedAtMs: atMs,
  };
  if (outcome === 'created') {
    const arn = `arn:aws:ivschat:${region}:123456789012:room/${idempotencyKey}`;
    return provisionedCompletion({ ...decided, outcome, late: false, room: { arn, id: idempotencyKey, name: '' } });
  }
  const error = { name: 'Expired', message: 'No room could be created in time.' };
  return failedCompletion({ ...decided, reason: 'expired', error, retryable: true });
}
