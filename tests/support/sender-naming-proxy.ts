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

  return startLoopbackProxy(async (request) => {
    const answer = await passOn(target, request);
    if (answer.status !== 200) return answer;
    switch (String(request.headers['x-amz-target']).split('.').at(-1)) {
      case 'SendMessage':
        noteSender([sentSchema.parse(JSON.parse(String(answer.body))).MessageId], request);
        return answer;
      case 'SendMessageBatch': {
        const { Successful } = batchSchema.parse(JSON.parse(String(answer.body)));
        noteSender(
          Successful.map(({ MessageId }) => MessageId),
          request,
        );
        return answer;
      }
      case 'ReceiveMessage':
        return nameSenders(answer);
      default:
        return answer;
    }
  });
}
