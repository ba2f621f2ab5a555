import type { Hono } from 'hono';
import * as z from 'zod';
import { checkRoom, readRequestStatus } from '../../../client/operate/request-status.ts';
import { UserError } from '../../../client/user-error.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { LANES } from '../../../lib/contract/lanes.ts';
import { sendMessages } from '../../../lib/platform/send-messages.ts';
import type { CheckAnswer, FoundRequests, RequestView, SendAnswer } from '../../api/requests.ts';
import { checkMessage, prepareMessage } from '../check-message.ts';
import type { ConsoleContext } from '../console-context.ts';
import { findRequests } from '../find-requests.ts';
import { requestView } from '../request-view.ts';
import { createSeenWaits } from '../seen-waits.ts';
import { createSentMessages, type SentMessages } from '../sent-messages.ts';

const findQuery = z.object({ text: z.string().trim().min(1), by: z.literal('name').exactOptional() });
const viewQuery = z
  .object({
    key: z.string().min(1).optional(),
    ledgerKey: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  })
  .transform(({ key, ledgerKey: hash }, context) => {
    if (key !== undefined) return { idempotencyKey: key, ledgerKey: ledgerKey(key) };
    if (hash !== undefined) return { ledgerKey: hash };
    context.issues.push({ code: 'custom', message: 'key or ledgerKey is required', input: undefined });
    return z.NEVER;
  });
const checkBody = z.object({ body: z.string() });
const sendBody = checkBody.extend({ lane: z.enum(LANES) });

/** Requests: finding them, what is known about one, and sending one. */
export function addRequestsRoutes(api: Hono, context: ConsoleContext): void {
  const { stage, clock } = context;
  const memory = { sent: createSentMessages(), waits: createSeenWaits() };
  api.get('/requests/find', async (request) => {
    const { text, by } = findQuery.parse(request.req.query());
    return request.json((await stage.use((deployment) => findRequests(text, by, deployment))) satisfies FoundRequests);
  });
  for (const [path, isChecked] of [
    ['/requests/view', false],
    ['/requests/verify', true],
  ] as const)
    api.get(path, async (request) => {
      const asked = viewQuery.parse(request.req.query());
      const status = await stage.use(async (deployment) => {
        const read = await readRequestStatus(deployment, asked.ledgerKey);
        return isChecked ? checkRoom(read, deployment, clock.nowMs()) : read;
      });
      return request.json(requestView(asked, status, memory, clock.nowMs()) satisfies RequestView);
    });
  api.post('/requests/check', async (request) => {
    const { body } = checkBody.parse(await request.req.json());
    const answer = await stage.use((deployment) => {
      const nowMs = clock.nowMs();
      return checkMessage(prepareMessage(body, deployment, nowMs), deployment, nowMs);
    });
    return request.json(answer satisfies CheckAnswer);
  });
  api.post('/requests/send', async (request) =>
    request.json(await sendMessage(sendBody.parse(await request.req.json()), context, memory.sent)),
  );
}

/** Sends a message that greenroom accepts. The same message may be sent twice: each key gets at most one room. */
function sendMessage(
  { body, lane }: z.infer<typeof sendBody>,
  { stage, clock, signal }: ConsoleContext,
  sent: SentMessages,
): Promise<SendAnswer> {
  return stage.use(async (deployment) => {
    const message = prepareMessage(body, deployment, clock.nowMs());
    const { kind, problems, idempotencyKey, expected } = await checkMessage(message, deployment, clock.nowMs());
    if (kind === 'refused' || idempotencyKey === undefined) return { kind: 'refused', problems };
    const queueUrl = await deployment.queueUrl(lane);
    const note = { atMs: clock.nowMs(), lane, kind, ...(expected !== undefined && { expected }) };
    const settings = { sqs: deployment.sqs, queueUrl, clock, random: Math.random, signal };
    for await (const results of sendMessages([message], settings))
      for (const { problem } of results)
        if (problem !== undefined) throw new UserError(`The message was not sent: ${problem}`);
    sent.note(idempotencyKey, { ...note, body });
    return { kind: 'sent', idempotencyKey, message: note };
  });
}
