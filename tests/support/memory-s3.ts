import { createHash } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';

export interface MemoryObject {
  content: Buffer;
  etag: string;
  type: string;
  metadata: Record<string, string>;
}

/** The part of S3 that bulk jobs call, for one bucket that is addressed by path. Uploads are kept until they are completed or aborted. */
export function createMemoryS3() {
  const objects = new Map<string, MemoryObject>();
  const uploads = new Map<string, Buffer[]>();
  let refusal: { status: number; code: string } | undefined;

  function put(key: string, content: string | Buffer, metadata: Record<string, string> = {}, type = ''): MemoryObject {
    const bytes = Buffer.from(content);
    const object = { content: bytes, etag: createHash('md5').update(bytes).digest('hex'), type, metadata };
    objects.set(key, object);
    return object;
  }

  function get(key: string, { method, headers }: ServiceRequest): ServiceResponse {
    const object = objects.get(key);
    if (object === undefined) return xml(404, '<Error><Code>NoSuchKey</Code></Error>');
    const etag = `"${object.etag}"`;
    if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
      return xml(412, '<Error><Code>PreconditionFailed</Code></Error>');
    const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
    return {
      status: 200,
      headers: {
        'content-length': String(object.content.length),
        etag,
        ...Object.fromEntries(metadata),
      },
      body: method === 'HEAD' ? '' : object.content,
    };
  }

  function upload(key: string, id: string, { method, query, headers, body }: ServiceRequest): ServiceResponse {
    if (method === 'POST' && query.has('uploads')) {
      const UploadId = `${headers['content-type']} ${uploads.size}`;
      uploads.set(UploadId, []);
      return xml(
        200,
        `<InitiateMultipartUploadResult><UploadId>${UploadId}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const parts = uploads.get(id);
    if (parts === undefined) return xml(404, '<Error><Code>NoSuchUpload</Code></Error>');
    if (method === 'PUT') {
      parts[Number(query.get('partNumber')) - 1] = body;
      return { status: 200, headers: { etag: `"part-${query.get('partNumber')}"` }, body: '' };
    }
    uploads.delete(id);
    if (method === 'DELETE') return { status: 204, headers: {}, body: '' };
    const listed = [...body.toString().matchAll(/part-(\d+)/g)].map(([, number]) => parts[Number(number) - 1]);
    put(key, Buffer.concat(listed.filter((part) => part !== undefined)), {}, id.split(' ')[0]);
    return xml(200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }

  return {
    objects,
    /** The ids of uploads that are neither completed nor aborted. */
    openUploads: () => [...uploads.keys()],
    put,
    delete: (key: string) => objects.delete(key),
    /** Makes the next call fail with this status. */
    refuse(status: number, code = 'Refused'): void {
      refusal = { status, code };
    },
    async handle(request: ServiceRequest): Promise<ServiceResponse> {
      const { method, path, query, headers, body } = request;
      const refused = refusal;
      refusal = undefined;
      if (refused !== undefined) return xml(refused.status, `<Error><Code>${refused.code}</Code></Error>`);
      const key = decodeURIComponent(path.replace(/^\/[^/]+\//, ''));
      if (query.has('uploads') || query.has('uploadId')) return upload(key, query.get('uploadId') ?? '', request);
      if (method === 'GET' || method === 'HEAD') return get(key, request);
      if (method !== 'PUT') throw new Error(`${method} is not emulated`);
      const object = put(key, body, metadataOf(headers), headers['content-type']);
      return { status: 200, headers: { etag: `"${object.etag}"` }, body: '' };
    },
  };
}

function metadataOf(headers: ServiceRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value = '']) => {
      const [, own] = /^x-amz-meta-(.*)$/.exec(name) ?? [];
      return own === undefined ? [] : [[own, value]];
    }),
  );
}

function xml(status: number, text: string): ServiceResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?>${text}` };
}
