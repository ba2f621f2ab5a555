import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** S3 accepts no part smaller than 5 MiB, except the last one. */
const PART_BYTES = 5 * 1_048_576;

export interface ObjectTarget {
  Bucket: string;
  Key: string;
  ContentType: string;
}

export interface ObjectWriter {
  write(text: string): Promise<void>;
  /** Completes the object. Before that, the object does not exist. */
  end(): Promise<void>;
  /** Discards the uploaded parts. */
  abort(): Promise<void>;
}

/** Writes an object piece by piece, with one part in memory at a time. A small object needs a single call. */
export function openObject(s3: S3Client, target: ObjectTarget): ObjectWriter {
  const { Bucket, Key } = target;
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];
  let uploadId: string | undefined;
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  async function uploadPart(): Promise<void> {
    uploadId ??= (await s3.send(new CreateMultipartUploadCommand(target))).UploadId;
    const PartNumber = parts.length + 1;
    const Body = Buffer.concat(pending);
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId: uploadId, PartNumber, Body }));
    parts.push({ ETag, PartNumber });
    pending = [];
    pendingBytes = 0;
  }

  return {
    async write(text) {
      const bytes = Buffer.from(text);
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes >= PART_BYTES) await uploadPart();
    },
    async end() {
      if (uploadId === undefined) {
        await s3.send(new PutObjectCommand({ ...target, Body: Buffer.concat(pending) }));
        return;
      }
      if (pendingBytes > 0) await uploadPart();
      const MultipartUpload = { Parts: parts };
      await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId: uploadId, MultipartUpload }));
    },
    async abort() {
      if (uploadId !== undefined) await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId }));
    },
  };
}
