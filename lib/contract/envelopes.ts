import * as z from 'zod';
import { type Problem, problemsOf } from './problems.ts';
import { timestampSchema } from './text.ts';

/** How a room request was wrapped, an SNS notification around it apart. */
export type EnvelopeKind = 'bare' | 'eventbridge' | 'cloudevent';

/** A message without its wrapping, the times that the wrapping tells, and what is wrong with it. */
export interface Unwrapped {
  /** What should be the room request; without one, the problems say so. */
  payload?: Record<string, unknown>;
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

const eventBridgeEnvelope = eventBridgeSchema(z.unknown().optional());
const cloudEventEnvelope = cloudEventSchema(z.unknown().optional());
const snsEnvelope = z.looseObject({
  Message: z.string({ error: 'must be the published message, a string' }),
  Timestamp: timestampSchema.exactOptional(),
});

/** A part of a message: its value, or why there is none. */
interface Part {
  value?: unknown;
  problems: Problem[];
}

/** Takes the wrapping off a body, known by its shape: SNS first, then what SNS carried. Whatever the body is, nothing is thrown. */
export function unwrap(body: string): Unwrapped {
  const message = parseJson(body, '');
  const { value } = message;
  if (!isRecord(value) || value.Type !== 'Notification') return unwrapEvent(message);
  const problems = problemsWith(snsEnvelope, value);
  const published = typeof value.Message === 'string' ? parseJson(value.Message, 'Message') : { problems: [] };
  const event = unwrapEvent({ ...published, problems: [...problems, ...published.problems] });
  return { ...event, viaSns: true, timesMs: [...timesOf(value.Timestamp), ...event.timesMs] };
}

function unwrapEvent({ value, problems }: Part): Unwrapped {
  if (isRecord(value) && Object.hasOwn(value, 'detail-type')) {
    const found = [...problems, ...problemsWith(eventBridgeEnvelope, value)];
    return withPayload(object(value.detail, 'detail'), 'eventbridge', timesOf(value.time), found);
  }
  if (isRecord(value) && Object.hasOwn(value, 'specversion')) {
    const found = [...problems, ...problemsWith(cloudEventEnvelope, value)];
    return withPayload(dataOf(value), 'cloudevent', timesOf(value.time), found);
  }
  return withPayload(value === undefined ? { problems: [] } : object(value, ''), 'bare', [], problems);
}

function withPayload(payload: Part, envelope: EnvelopeKind, timesMs: number[], problems: Problem[]): Unwrapped {
  return {
    ...(isRecord(payload.value) && { payload: payload.value }),
    envelope,
    viaSns: false,
    timesMs,
    problems: [...problems, ...payload.problems],
  };
}

function dataOf(event: Record<string, unknown>): Part {
  if (Object.hasOwn(event, 'data') || typeof event.data_base64 !== 'string') return object(event.data, 'data');
  const data = parseJson(Buffer.from(event.data_base64, 'base64').toString('utf8'), 'data_base64');
  return data.problems.length > 0 ? data : object(data.value, 'data_base64');
}

function object(value: unknown, path: string): Part {
  return isRecord(value)
    ? { value, problems: [] }
    : { problems: [{ path, message: 'must be an object: the room request' }] };
}

function parseJson(text: string, path: string): Part {
  try {
    // Some producers begin with a byte order mark, which is no JSON.
    return { value: JSON.parse(text.replace(/^\ufeff/, '')), problems: [] };
  } catch (error) {
    return { problems: [{ path, message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }] };
  }
}

function problemsWith(schema: z.ZodType, value: unknown): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : problemsOf(result.error);
}

function timesOf(value: unknown): number[] {
  const result = timestampSchema.safeParse(value);
  return result.success ? [Date.parse(result.data)] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
