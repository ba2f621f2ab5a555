import type { ChatTokenCapability } from '@aws-sdk/client-ivschat';

/** The user for whom a token is requested. */
export interface Caller {
  userId: string;
  role: Role;
}

/**
 * What each role may do in a room. Every token permits viewing: https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html
 */
export const CAPABILITIES = {
  viewer: [],
  member: ['SEND_MESSAGE'],
  moderator: ['SEND_MESSAGE', 'DISCONNECT_USER', 'DELETE_MESSAGE'],
} as const satisfies Record<string, ChatTokenCapability[]>;

export type Role = keyof typeof CAPABILITIES;

const ROLES = ['viewer', 'member', 'moderator'] as const satisfies Role[];

/**
 * Reads the caller from the claims that the API's JWT authorizer has verified. **Replace this function** if your application decides by room
 * who may enter, or stores roles elsewhere: as it is, every user with a role may enter every room.
 *
 * The claims must never come from the body or from a header that the client can set.
 */
export function callerOf(
  claims: Readonly<Record<string, unknown>> | undefined,
): { kind: 'caller'; caller: Caller } | { kind: 'unauthenticated' } | { kind: 'forbidden' } {
  const userId = claims?.sub;
  if (typeof userId !== 'string' || userId === '') return { kind: 'unauthenticated' };
  const role = ROLES.find((each) => each === claims?.chat_role);
  return role ? { kind: 'caller', caller: { userId, role } } : { kind: 'forbidden' };
}
