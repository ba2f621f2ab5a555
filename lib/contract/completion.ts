import * as z from 'zod/mini';
import { about } from './about.ts';
import {
  completionId,
  invalidCompletionId,
  keyReleasedCompletionId,
  keyReusedCompletionId,
  unparseableCompletionId,
} from './completion-id.ts';
import { cloudEventOf, cutFields, cutNamed, listed, MAX_ERROR_MESSAGE_UNITS } from './event-parts.ts';
import type { Problem } from './problems.ts';
import type { ReadMessage } from './read-message.ts';
import { REGIONS, type Region } from './regions.ts';
import { type ProvisionedRoom, provisionedRoomSchema } from './room.ts';

export const FAILURE_REASONS = [
  'invalid-request',
  'unparseable',
  'key-reused-with-different-payload',
  'refused',
  'not-found',
  'access-denied',
  'expired',
  'dead-lettered',
  'stopped',
  'release-due',
  'key-released',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

const cloudEvent = () => ({
  specversion: z.literal('1.0'),
  id: about(
    z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    'Identical in all deliveries of one outcome. Use it to drop duplicates.',
  ),
  source: z.string().check(z.regex(/^\/greenroom\/.+$/)),
  time: about(z.iso.datetime(), 'When the outcome was decided.'),
  datacontenttype: z.literal('application/json'),
  dataschema: z.exactOptional(z.string()),
});

const generation = () =>
  about(z.int().check(z.minimum(0)), 'How many times the key was claimed again after a failure.');
const claimId = () =>
  about(
    z.exactOptional(z.string()),
    "The id of the key's ledger item. After the item of a key has expired, the next request with the key begins a new item with a new id. Absent in completions of earlier versions.",
  );

const provisionedData = () =>
  z.object({
    idempotencyKey: z.string(),
    tenant: z.string(),
    region: z.enum(REGIONS),
    claimId: claimId(),
    generation: generation(),
    outcome: about(
      z.enum(['created', 'adopted']),
      '"adopted": greenroom found the room of an earlier attempt whose response was lost.',
    ),
    late: about(z.boolean(), 'Whether the outcome was decided after the time by which the room was needed.'),
    room: about(provisionedRoomSchema, 'The whole CreateRoom response.'),
  });

const failedData = () =>
  z.object({
    idempotencyKey: z.exactOptional(z.string()),
    tenant: z.exactOptional(z.string()),
    region: z.exactOptional(z.enum(REGIONS)),
    claimId: claimId(),
    generation: z.exactOptional(
      about(
        generation(),
        'How many times the key was claimed again after a failure. Absent if the outcome does not depend on it.',
      ),
    ),
    outcome: z.literal('failed'),
    reason: z.enum(FAILURE_REASONS),
    error: z.object({ name: z.string(), message: z.string() }),
    problems: z.exactOptional(z.array(z.object({ path: z.string(), message: z.string() })).check(z.maxLength(100))),
    problemsTotal: about(
      z.exactOptional(z.int().check(z.minimum(1))),
      'The total number of problems. At most 100 are listed.',
    ),
    fieldList: about(
      z.exactOptional(z.array(z.object({ name: z.string(), message: z.string() }))),
      "The fields that CreateRoom's ValidationException names.",
    ),
    retryable: about(z.boolean(), 'Whether the same request may succeed if it is sent again.'),
  });

export const provisionedCompletionSchema = z.lazy(() =>
  z.object({
    ...cloudEvent(),
    type: z.literal('greenroom.room.provisioned.v1'),
    subject: about(z.string(), 'The idempotency key.'),
    data: provisionedData(),
  }),
);

export const failedCompletionSchema = z.lazy(() =>
  z.object({
    ...cloudEvent(),
    type: z.literal('greenroom.room.failed.v1'),
    subject: about(z.exactOptional(z.string()), 'The idempotency key, if it could be read.'),
    data: failedData(),
  }),
);

/** The outcome of a room request, as a CloudEvents 1.0 event. Data of a single message, such as its lane, is in the SNS attributes. */
export const completionSchema = z.lazy(() =>
  z.discriminatedUnion('type', [provisionedCompletionSchema, failedCompletionSchema]),
);

export type Completion = z.infer<typeof completionSchema>;

/** The facts about a request when its outcome is decided. */
interface Decided {
  stage: string;
  idempotencyKey: string;
  tenant: string;
  region: Region;
  /** The id of the key's item. */
  claimId: string;
  generation: number;
  payloadHash: string;
  decidedAtMs: number;
}

/** The completion of a request that got its room. `late`: the outcome was decided after the time by which the room was needed. */
export function provisionedCompletion(
  decided: Decided & { outcome: 'created' | 'adopted'; late: boolean; room: ProvisionedRoom },
): Completion {
  const { idempotencyKey, tenant, region, claimId, generation, outcome, late, room } = decided;
  return {
    ...cloudEventOf({ stage: decided.stage, timeMs: decided.decidedAtMs }, completionId(decided)),
    type: 'greenroom.room.provisioned.v1',
    subject: idempotencyKey,
    data: { idempotencyKey, tenant, region, claimId, generation, outcome, late, room },
  };
}

/**
 * The completion of a request that gets no room. The error message is cut to 1,000 characters, and lists are cut so that the event fits
 * into an SNS message. `retryable`: the same request may succeed if it is sent again.
 */
export function failedCompletion(
  decided: Decided & {
    reason: FailureReason;
    error: { name: string; message: string };
    problems?: Problem[];
    fieldList?: { name: string; message: string }[];
    retryable: boolean;
  },
): Completion {
  const { idempotencyKey, tenant, region, claimId, generation, reason, error, problems, fieldList, retryable } =
    decided;
  return {
    ...cloudEventOf(
      { stage: decided.stage, timeMs: decided.decidedAtMs },
      completionId({ ...decided, outcome: 'failed' }),
    ),
    type: 'greenroom.room.failed.v1',
    subject: idempotencyKey,
    data: {
      idempotencyKey,
      tenant,
      region,
      claimId,
      generation,
      outcome: 'failed',
      reason,
      error: cutNamed(error, MAX_ERROR_MESSAGE_UNITS),
      ...listed(problems),
      ...(fieldList !== undefined && { fieldList: cutFields(fieldList) }),
      retryable,
    },
  };
}

/** The completion for a message whose key belongs to another payload. It is the same in all generations, so it contains no generation. */
export function keyReusedCompletion(refused: Omit<Decided, 'generation'>): Completion {
  const message = 'This idempotencyKey is already used for another room or region. Use a new key.';
  return unstoredCompletion(refused, keyReusedCompletionId(refused), {
    reason: 'key-reused-with-different-payload',
    error: { name: 'KeyReused', message },
  });
}

/** The completion for a request that was sent after the release of its key's room was final. */
export function keyReleasedCompletion(refused: Decided): Completion {
  const message = 'The room of this idempotencyKey was released, so the key cannot be used again. Use a new key.';
  return unstoredCompletion(refused, keyReleasedCompletionId(refused), {
    generation: refused.generation,
    reason: 'key-released',
    error: { name: 'KeyReleased', message },
  });
}

/** The completion of a request that cannot have its key. The ledger does not store it, because the key has another outcome. */
function unstoredCompletion(
  { stage, idempotencyKey, tenant, region, claimId, decidedAtMs }: Omit<Decided, 'generation'>,
  id: string,
  failure: { generation?: number; reason: FailureReason; error: { name: string; message: string } },
): Completion {
  return {
    ...cloudEventOf({ stage, timeMs: decidedAtMs }, id),
    type: 'greenroom.room.failed.v1',
    subject: idempotencyKey,
    data: { idempotencyKey, tenant, region, claimId, outcome: 'failed', ...failure, retryable: false },
  };
}

/** The completion for an invalid or unreadable message. It leaves out the fields that could not be read. */
export function invalidCompletion(refused: {
  stage: string;
  read: Extract<ReadMessage, { kind: 'invalid' | 'unparseable' }>;
  body: string;
  decidedAtMs: number;
}): Completion {
  const { read, body } = refused;
  const readable = read.kind === 'invalid';
  const id = readable ? invalidCompletionId(read.idempotencyKey, body) : unparseableCompletionId(body);
  return {
    ...cloudEventOf({ stage: refused.stage, timeMs: refused.decidedAtMs }, id),
    type: 'greenroom.room.failed.v1',
    ...(readable && { subject: read.idempotencyKey }),
    data: {
      ...(readable && { idempotencyKey: read.idempotencyKey }),
      ...(readable && read.tenant !== undefined && { tenant: read.tenant }),
      ...(readable && read.region !== undefined && { region: read.region }),
      outcome: 'failed',
      reason: readable ? 'invalid-request' : 'unparseable',
      error: readable
        ? { name: 'InvalidRequest', message: 'The room request violates the contract. See problems.' }
        : {
            name: 'UnparseableMessage',
            message: 'The message contains no room request with a readable idempotencyKey.',
          },
      ...listed(read.problems),
      retryable: false,
    },
  };
}
