import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { CreateChatTokenCommand, IvschatServiceException } from '@aws-sdk/client-ivschat';
import { type Answer, issued, type Refusal, refused } from './answers.ts';
import { CAPABILITIES, type Caller } from './caller.ts';
import { readTokenRequest } from './read-token-request.ts';
import type { RoomOfKey } from './room-of-key.ts';
import type { Services } from './services.ts';

type Room = Extract<RoomOfKey, { kind: 'room' }>;

/** AWS does not promise that calls find a new room and its tags at once. */
const NEW_ROOM_MS = 60_000;

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
    const room = await services.roomOf(key);
    return room.kind === 'room'
      ? await issueToken(services, { key, caller, room })
      : refuse(services, `room-${room.kind}`, { key });
  } catch (error) {
    return answerError(services, error);
  }
}

async function issueToken(
  services: Services,
  { key, caller, room }: { key: string; caller: Caller; room: Room },
): Promise<Answer> {
  const { ivsChat, logger, nowMs } = services;
  const capabilities = [...CAPABILITIES[caller.role]];
  const command = new CreateChatTokenCommand({ roomIdentifier: room.arn, userId: caller.userId, capabilities });
  try {
    const { token, tokenExpirationTime, sessionExpirationTime } = await ivsChat(room.region).send(command);
    logger.info('Token issued', { key, role: caller.role });
    return issued({ token, tokenExpirationTime, sessionExpirationTime, region: room.region });
  } catch (error) {
    const code = missingRoom(nameOf(error), nowMs() - room.decidedAtMs < NEW_ROOM_MS);
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
