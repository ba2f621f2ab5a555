import * as z from 'zod';
import { type Problem, problemsOf } from './problems.ts';
import { timestampSchema } from './text.ts';

/** How a room request was wrapped, an SNS notification around it apart. */
export type EnvelopeKind = 'bare' | 'eventbridge' | 'cloudevent';

/** A message without its wrapping: the payload as it came, the times that the wrapping tells, and what is wrong with it. */
export interface Unwrapped {
  payload: unknown;
  /** Where the payload was found, for a problem with the whole of it; `''` is the message itself. */
  payloadPath: string;
  envelope: EnvelopeKind;
  viaSns: boolean;
  timesMs: number[];
  problems: Problem[];
}

/** An event of Amazon EventBridge. What greenroom does not need of it (id, account, …) is let through. */
export function eventBridgeSchema<T extends z.ZodType>(detail: T) {
  return z.looseObject({
    'detail-type': z.literal('Room Requested', { error: 'must be "Room Requested"' }),
    time: timestampSchema.exactOptional(),
    detail,
  });
}

/** A CloudEvents 1.0 event in structured JSON. What greenroom does not need of it (id, source, …) is let through. */
export function cloudEventSchema<T extends z.ZodType>(data: T) {
  return z.looseObject({
    specversion: z.literal('1.0', { error: 'must be "1.0"' }),
    type: z.literal('greenroom.room.requested.v1', { error: 'must be "greenroom.room.requested.v1"' }),
    time: timestampSchema.exactOptional(),
    data,
  });
}

const eventBridgeEnvelope = eventBridgeSchema(z.unknown());
const cloudEventEnvelope = cloudEventSchema(z.unknown());
const snsEnvelope = z.looseObject({
  Message: z.string({ error: 'must be the published message, a string' }),
  Timestamp: timestampSchema.exactOptional(),
});

/** Takes the wrapping off a body, known by its shape: SNS first, then what SNS carried. Whatever the body is, nothing is thrown. */
export function unwrap(body: string): Unwrapped {
  const { value, problems } = parseJson(body, '');
  if (!isRecord(value) || value.Type !== 'Notification') return unwrapEvent(value, problems);
  const envelopeProblems = [...problems, ...check(snsEnvelope, value)];
  if (typeof value.Message !== 'string') return { ...unwrapEvent(undefined, envelopeProblems), viaSns: true };
  const message = parseJson(value.Message, 'Message');
  const event = unwrapEvent(message.value, [...envelopeProblems, ...message.problems]);
  return { ...event, viaSns: true, timesMs: [...timesOf(value.Timestamp), ...event.timesMs] };
}

/** Whether a value is an object with members, as opposed to a list, null or a plain value. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unwrapEvent(value: unknown, problems: Problem[]): Unwrapped {
  if (isRecord(value) && Object.hasOwn(value, 'detail-type')) {
    return {
      payload: value.detail,
      payloadPath: 'detail',
      envelope: 'eventbridge',
      viaSns: false,
      timesMs: timesOf(value.time),
      problems: [...problems, ...check(eventBridgeEnvelope, value)],
    };
  }
  if (isRecord(value) && Object.hasOwn(value, 'specversion')) {
    const data = dataOf(value);
    return {
      payload: data.value,
      payloadPath: 'data',
      envelope: 'cloudevent',
      viaSns: false,
      timesMs: timesOf(value.time),
      problems: [...problems, ...check(cloudEventEnvelope, value), ...data.problems],
    };
  }
  return { payload: value, payloadPath: '', envelope: 'bare', viaSns: false, timesMs: [], problems };
}

function dataOf(event: Record<string, unknown>): { value: unknown; problems: Problem[] } {
  if (Object.hasOwn(event, 'data') || typeof event.data_base64 !== 'string') return { value: event.data, problems: [] };
  return parseJson(Buffer.from(event.data_base64, 'base64').toString('utf8'), 'data_base64');
}

function parseJson(text: string, path: string): { value: unknown; problems: Problem[] } {
  try {
    // Some producers begin with a byte order mark, which is no JSON.
    return { value: JSON.parse(text.replace(/^\ufeff/, '')), problems: [] };
  } catch (error) {
    return {
      value: undefined,
      problems: [{ path, message: `is not JSON: ${error instanceof Error ? error.message : ''}` }],
    };
  }
}

function check(schema: z.ZodType, value: unknown): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : problemsOf(result.error);
}

function timesOf(value: unknown): number[] {
  const result = timestampSchema.safeParse(value);
  return result.success ? [Date.parse(result.data)] : [];
}
