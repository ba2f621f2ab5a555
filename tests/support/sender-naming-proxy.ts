import * as z from 'zod';
import { credentialScopeOf } from '../../emulator/gateway/credential-scope.ts';
import {
  type LoopbackProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
  passOn,
  startLoopbackProxy,
} from './loopback-proxy.ts';

const sentSchema = z.looseObject({ MessageId: z.string() });
const batchSchema = z.looseObject({ Successful: z.array(sentSchema).default([]) });
const receivedSchema = z.looseObject({
  Messages: z
    .array(z.looseObject({ MessageId: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }))
    .default([]),
});

/**
 * Forwards requests to another SQS that names the same sender for every message. Replaces the sender id with the one that AWS would
 * state: the id of the owner of the access key that signed the SendMessage.
 */
export async function startSenderNamingProxy(
  target: string,
  senderIdOf: (accessKeyId: string) => string,
): Promise<LoopbackProxy> {
  const accessKeyIds = new Map<string, string>();
  /** The sends whose answers have not arrived. A message may be received before the answer to its send. */
  const sending = new Set<Promise<unknown>>();

  function noteSender(messageIds: string[], request: ProxiedRequest): void {
    const accessKeyId = credentialScopeOf(request.headers.authorization)?.accessKeyId;
    if (accessKeyId !== undefined) for (const id of messageIds) accessKeyIds.set(id, accessKeyId);
  }

  function nameSenders(answer: ProxiedAnswer): ProxiedAnswer {
    const { Messages, ...rest } = receivedSchema.parse(JSON.parse(String(answer.body)));
    const named = Messages.map((message) => {
      const accessKeyId = accessKeyIds.get(message.MessageId);
      const sender = accessKeyId === undefined ? {} : { SenderId: senderIdOf(accessKeyId) };
      return { ...message, Attributes: { ...message.Attributes, ...sender } };
    });
    const body = Buffer.from(JSON.stringify({ ...rest, ...(named.length > 0 && { Messages: named }) }));
    return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
  }

  async function send(request: ProxiedRequest, messageIdsOf: (body: unknown) => string[]): Promise<ProxiedAnswer> {
    const answer = await passOn(target, request);
    if (answer.status === 200) noteSender(messageIdsOf(JSON.parse(String(answer.body))), request);
    return answer;
  }

  function noted(sent: Promise<ProxiedAnswer>): Promise<ProxiedAnswer> {
    sending.add(sent);
    return sent.finally(() => sending.delete(sent));
  }

  return startLoopbackProxy(async (request) => {
    switch (String(request.headers['x-amz-target']).split('.').at(-1)) {
      case 'SendMessage':
        return noted(send(request, (body) => [sentSchema.parse(body).MessageId]));
      case 'SendMessageBatch':
        return noted(send(request, (body) => batchSchema.parse(body).Successful.map(({ MessageId }) => MessageId)));
      case 'ReceiveMessage': {
        const answer = await passOn(target, request);
        await Promise.allSettled(sending);
        return answer.status === 200 ? nameSenders(answer) : answer;
      }
      default:
        return passOn(target, request);
    }
  });
}
