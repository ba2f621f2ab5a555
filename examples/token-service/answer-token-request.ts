import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { CreateChatTokenCommand, IvschatServiceException } from '@aws-sdk/client-ivschat';
import type { KeyState, ProvisionedKey } from '../../client/api/key-state.ts';
import { type Answer, issued, type Refusal, refused } from './answers.ts';
import { CAPABILITIES, type Caller } from './caller.ts';
import { readTokenRequest } from './read-token-request.ts';
import type { Services } from './services.ts';

/** AWS does not promise that calls find a new room and its tags at once. */
const NEW_ROOM_MS = 60_000;

/** The answer for each state of a key in which there is no room to enter. */
const WITHOUT_ROOM: Record<Exclude<KeyState['kind'], 'provisioned'>, Refusal> = {
  'not-requested': 'room-unknown',
  // Another tenant's rooms are none of the caller's business.
  'other-tenant': 'room-unknown',
  pending: 'room-pending',
  failed: 'room-failed',
  releasing: 'room-released',
  released: 'room-released',
  unreadable: 'internal',
};

const THROTTLED = ['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'];

/**
 * Answers one request. The log lines contain the answer's reason, the key and the role. They never contain the token, the user or the
 * event, whose headers contain the user's own credentials.
 */
export async function answerTokenRequest(event: unknown, services: Services): Promise<Answer> {
  try {
    const read = readTokenRequest(event);
    if (read.kind !== 'request') return refuse(services, read.kind, read.kind === 'invalid' ? read : {});
    const { key, caller } = read;
    const state = await services.greenroom.roomFor(key);
    if (state.kind === 'unreadable')
      services.logger.error('The ledger item cannot be read', { key, problem: state.problem });
    return state.kind === 'provisioned'
      ? await issueToken(services, { key, caller, state })
      : refuse(services, WITHOUT_ROOM[state.kind], { key });
  } catch (error) {
    return answerError(services, error);
  }
}

async function issueToken(
  services: Services,
  { key, caller, state }: { key: string; caller: Caller; state: ProvisionedKey },
): Promise<Answer> {
  const { ivsChat, logger, nowMs } = services;
  const capabilities = [...CAPABILITIES[caller.role]];
  const command = new CreateChatTokenCommand({ roomIdentifier: state.room.arn, userId: caller.userId, capabilities });
  try {
    const { token, tokenExpirationTime, sessionExpirationTime } = await ivsChat(state.region).send(command);
    if (token === undefined) throw new Error('CreateChatToken returned no token');
    logger.info('Token issued', { key, role: caller.role });
    return issued({ token, tokenExpirationTime, sessionExpirationTime, region: state.region });
  } catch (error) {
    const code = missingRoom(nameOf(error), nowMs() - Date.parse(state.decidedAt) < NEW_ROOM_MS);
    if (code === undefined) throw error;
    return refuse(services, code, { key });
  }
}

/**
 * What an error says about a room that is in the ledger. IAM denies a call for a room without the tag that the permission names, and a room
 * that is not found has no tags. So a new room may cause either error. An older room that is not found was deleted by another program.
 */
function missingRoom(error: string, isNew: boolean): Refusal | undefined {
  if (error === 'ResourceNotFoundException') return isNew ? 'room-pending' : 'room-gone';
  return error === 'AccessDeniedException' && isNew ? 'room-pending' : undefined;
}

function refuse({ logger }: Services, code: Refusal, { key, problems }: Refused): Answer {
  logger.info('Token refused', { code, ...(key !== undefined && { key }), ...(problems && { problems }) });
  return refused(code, problems);
}

interface Refused {
  key?: string;
  problems?: Parameters<typeof refused>[1];
}

/**
 * Logs the name of the error and the id of the call, and never the error's message: if a response cannot be parsed, the message quotes it,
 * including a part of the token.
 */
function answerError({ logger }: Services, error: unknown): Answer {
  const name = nameOf(error);
  const details = { name, requestId: requestIdOf(error) };
  if (THROTTLED.includes(name)) {
    logger.warn('Throttled', details);
    return refused('throttled');
  }
  logger.error('No token because of an error', details);
  return refused('internal');
}

function requestIdOf(error: unknown): string | undefined {
  return error instanceof IvschatServiceException || error instanceof DynamoDBServiceException
    ? error.$metadata.requestId
    : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
