import * as z from 'zod';
import type { ActionContext, ActionResult } from '../action.ts';
import { expirations, writeChatToken } from '../chat-token.ts';
import { invalid, notFound } from '../errors.ts';
import { tagsSchema } from '../tags.ts';

/**
 * "The maximum length of this field is 1 KB total": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html. AWS
 * does not say how the length is measured. The emulator uses the strictest measure: a kilobyte of 1,000 bytes, for the whole field in JSON.
 */
const MAX_ATTRIBUTE_BYTES = 1_000;
/** "Default: 60 (1 hour)": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html */
const DEFAULT_SESSION_MINUTES = 60;

const inputSchema = z.object({
  roomIdentifier: z.string(),
  userId: z.string(),
  capabilities: z.array(z.string()).default([]),
  sessionDurationInMinutes: z.number().default(DEFAULT_SESSION_MINUTES),
  attributes: tagsSchema.default({}),
});

/** Issues a token for a room. The token is not stored, because nobody can connect to an emulated room, and no token is ever checked. */
export function createChatToken(input: unknown, { region, nowMs, random }: ActionContext): ActionResult {
  const { roomIdentifier, userId, capabilities, sessionDurationInMinutes, attributes } = inputSchema.parse(input);
  if (Buffer.byteLength(JSON.stringify(attributes)) > MAX_ATTRIBUTE_BYTES) {
    const message = `Member must have at most ${MAX_ATTRIBUTE_BYTES} bytes in total`;
    return { error: invalid([{ name: 'attributes', message }]) };
  }
  if (!region.rooms.find(roomIdentifier, nowMs)) return { error: notFound(roomIdentifier) };
  const times = expirations(nowMs, sessionDurationInMinutes);
  const token = writeChatToken({
    roomArn: roomIdentifier,
    userId,
    capabilities: [...new Set(capabilities)],
    attributes,
    ...times,
    number: random(),
  });
  return { output: { token, ...times } };
}
