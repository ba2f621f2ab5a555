import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { isoTime } from './action.ts';
import { tagsSchema } from './tags.ts';

/** The contents of an emulated token. */
const contentSchema = z.object({
  roomArn: z.string(),
  userId: z.string(),
  capabilities: z.array(z.string()),
  attributes: tagsSchema,
  tokenExpirationTime: z.string(),
  sessionExpirationTime: z.string(),
  /**
   * Makes each token unique, because a token can begin only one session:
   * https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/getting-started-chat-auth.html
   */
  number: z.number(),
});

export type ChatTokenContent = z.infer<typeof contentSchema>;

/**
 * "The token is valid for one minute, and a connection (session) established with the token is valid for the specified duration":
 * https://awscli.amazonaws.com/v2/documentation/api/2.7.12/reference/ivschat/create-chat-token.html. Newer versions of this page name no
 * time, and refer to the expiration in the response.
 */
const TOKEN_LIFETIME_MS = 60_000;
const MS_PER_MINUTE = 60_000;

/** The key protects nothing: nobody can connect to an emulated room. It makes a changed or shortened token unreadable. */
const SIGNING_KEY = 'the emulator of IVS Chat';

/** When a token that is issued now expires, and when the session that it begins expires. AWS counts both from the call. */
export function expirations(nowMs: number, sessionMinutes: number) {
  return {
    tokenExpirationTime: isoTime(nowMs + TOKEN_LIFETIME_MS),
    sessionExpirationTime: isoTime(nowMs + sessionMinutes * MS_PER_MINUTE),
  };
}

/**
 * The token: its content as JSON and a signature, both in base64url. AWS encrypts tokens, and documents no format, so clients must not read
 * them. The emulator does not encrypt them, so that tests can read them.
 */
export function writeChatToken(content: ChatTokenContent): string {
  const encoded = Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${encoded}.${signatureOf(encoded)}`;
}

/** The content of an emulated token. @throws Error if the emulator did not issue it, for example because AWS did */
export function readChatToken(token: string): ChatTokenContent {
  const [encoded = '', signature] = token.split('.');
  if (signature !== signatureOf(encoded)) throw new Error('This is not a token of the emulator');
  return contentSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
}

function signatureOf(encoded: string): string {
  return createHmac('sha256', SIGNING_KEY).update(encoded).digest('base64url');
}
