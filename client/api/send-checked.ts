import type { Problem } from '../../lib/contract/problems.ts';
import { type Outgoing, sendMessages } from '../../lib/platform/send-messages.ts';
import type { QueueName } from '../deployment.ts';
import type { ProgramStage } from './stage.ts';

/** A message that greenroom would accept. */
export interface Ready extends Outgoing {
  kind: 'ready';
}

/** A message that is not sent, because greenroom would refuse it. */
export interface Refused {
  kind: 'invalid';
  problems: Problem[];
}

/**
 * The result of sending a message. `sentFromMs`: the time just before the first message was sent, in epoch milliseconds by AWS's clocks.
 */
export type Attempt<Message extends Ready, Invalid extends Refused> =
  | Invalid
  | { kind: 'sent'; message: Message; sentFromMs: number }
  | { kind: 'not-sent'; message: Message; problem: string };

/**
 * Sends the messages that are ready, in batches.
 * @returns a result for each message, in the same order
 * @throws the SDK's error if a call fails. Some messages may have been sent
 */
export async function sendChecked<Message extends Ready, Invalid extends Refused>(
  { deployment, clock, time }: ProgramStage,
  checked: readonly (Message | Invalid)[],
  { queue, signal }: { queue: QueueName; signal: AbortSignal },
): Promise<Attempt<Message, Invalid>[]> {
  const ready = checked.filter((each): each is Message => each.kind === 'ready');
  if (ready.length === 0) return checked.filter((each): each is Invalid => each.kind === 'invalid');
  const queueUrl = await deployment.queueUrl(queue);
  const sentFromMs = time.nowMs();
  const problems = new Map<object, string>();
  const settings = { sqs: deployment.sqs, queueUrl, clock, random: Math.random, signal };
  for await (const results of sendMessages(ready, settings))
    for (const { message, problem } of results) if (problem !== undefined) problems.set(message, problem);
  return checked.map((each) => {
    if (!isReady(each)) return each;
    const problem = problems.get(each);
    return problem === undefined
      ? { kind: 'sent', message: each, sentFromMs }
      : { kind: 'not-sent', message: each, problem };
  });
}

function isReady<Message extends Ready, Invalid extends Refused>(each: Message | Invalid): each is Message {
  return each.kind === 'ready';
}
