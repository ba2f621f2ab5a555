import * as z from 'zod/mini';
import { jsonLosses } from './json-losses.ts';
import { notJson } from './json-mistakes.ts';
import { withoutNullFields, withoutNulls } from './nulls.ts';
import { otherMessageProblem } from './other-messages.ts';
import { type Problem, problemsOf } from './problems.ts';
import { isRecord } from './record.ts';
import { timestampMs, timestampSchema } from './timestamp.ts';
import { firstTraceparent } from './traceparent.ts';

/** The envelope of a room request, apart from an SNS notification around it. */
export type EnvelopeKind = 'bare' | 'eventbridge' | 'cloudevent';

/** The events that a queue accepts: their names in EventBridge and CloudEvents envelopes, and the name of their payload. */
export interface EventNames {
  detailTypes: readonly string[];
  cloudEventTypes: readonly string[];
  /** The name of the payload in error messages. */
  payload: string;
  /** The shortest payload with this id. Error messages suggest it as the `InputTemplate` of a pipe. */
  template: (id: string) => string;
  /** The fields of the payload that are lists. A list in another field may be a batch of payloads. */
  lists?: readonly string[];
  /** The fields of the payload in which null has a meaning. In all others, null means absent. */
  nullable?: readonly string[];
}

export const ROOM_REQUESTED: EventNames = {
  detailTypes: ['Room Requested'],
  cloudEventTypes: ['greenroom.room.requested.v1'],
  payload: 'the room request',
  template: (id) => `{ "idempotencyKey": "${id}", "room": {} }`,
};

/** The parts of a message that `unwrap` finds: its payload without the envelopes, the times in the envelopes, and the message's problems. */
export interface Unwrapped {
  /** The presumed room request or event, not validated yet. If it is absent, `problems` says why. */
  payload?: Record<string, unknown>;
  envelope: EnvelopeKind;
  /** The name that the envelope gives the event, if it is one of the names that the queue accepts. */
  eventName?: string;
  /** The name that the envelope gives the event, even if the queue does not accept it. */
  givenName?: string;
  viaSns: boolean;
  /** The SNS notification around the event, if there is one. */
  notification?: Record<string, unknown>;
  timesMs: number[];
  /** A CloudEvent's valid trace context: https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md */
  traceparent?: string;
  problems: Problem[];
  /** The parts of the payload that `JSON.parse` has dropped (json-losses.ts). The paths begin at the payload. */
  losses: Problem[];
}

/** An event of Amazon EventBridge. Fields that greenroom does not need (id, account, …) are not checked. */
export function eventBridgeSchema<T extends z.ZodMiniType>(detail: T, { detailTypes } = ROOM_REQUESTED) {
  return z.looseObject({
    'detail-type': oneOf(detailTypes),
    time: z.exactOptional(timestampSchema),
    detail,
  });
}

/** A CloudEvents 1.0 event in structured JSON. Fields that greenroom does not need (id, source, …) are not checked. */
export function cloudEventSchema<T extends z.ZodMiniType>(data: T, { cloudEventTypes } = ROOM_REQUESTED) {
  return z.looseObject({
    specversion: z.literal('1.0', { error: 'must be "1.0"' }),
    type: oneOf(cloudEventTypes),
    time: z.exactOptional(timestampSchema),
    data,
  });
}

function oneOf(names: readonly string[]) {
  return z.literal([...names], { error: `must be ${names.map((name) => JSON.stringify(name)).join(' or ')}` });
}

const snsEnvelope = z.looseObject({
  Message: z.string({ error: 'must be a string: the published message' }),
  Timestamp: z.exactOptional(timestampSchema),
});

/** One part of a message: its value, or the problems that explain why there is none. */
interface Part {
  value?: unknown;
  problems: Problem[];
  losses?: Problem[];
}

/** Removes the envelopes of a body: first SNS, then the envelope inside. It recognises each envelope by its fields, and never throws. */
export function unwrap(body: string, names = ROOM_REQUESTED): Unwrapped {
  const message = readJsonPart(body, '');
  if (!isRecord(message.value) || message.value.Type !== 'Notification') return unwrapEvent(message, names);
  const value = withoutNulls(message.value);
  const problems = problemsWith(snsEnvelope, value);
  const published = typeof value.Message === 'string' ? readJsonPart(value.Message, 'Message') : { problems: [] };
  const event = unwrapEvent({ ...published, problems: [...problems, ...published.problems] }, names);
  return { ...event, viaSns: true, notification: value, timesMs: [...timesOf(value.Timestamp), ...event.timesMs] };
}

function unwrapEvent({ value: given, problems, losses = [] }: Part, names: EventNames): Unwrapped {
  const value = isRecord(given) ? withoutNulls(given) : given;
  if (isRecord(value) && Object.hasOwn(value, 'detail-type')) {
    const found = [...problems, ...problemsWith(eventBridgeSchema(z.optional(z.unknown()), names), value)];
    const detail = { losses: lossesWithin('detail', losses), ...payloadPart(value.detail, 'detail', names) };
    const event = withPayload(detail, 'eventbridge', timesOf(value.time), found);
    return named(event, value['detail-type'], names.detailTypes);
  }
  if (isRecord(value) && Object.hasOwn(value, 'specversion')) {
    const found = [...problems, ...problemsWith(cloudEventSchema(z.optional(z.unknown()), names), value)];
    const data = { losses: lossesWithin('data', losses), ...dataOf(value, names) };
    const event = withPayload(data, 'cloudevent', timesOf(value.time), found);
    const traceparent = firstTraceparent(value.traceparent);
    return named(traceparent ? { ...event, traceparent } : event, value.type, names.cloudEventTypes);
  }
  // A null may have a meaning in the payload, so the payload is read as it was given.
  const payload = given === undefined ? { problems: [] } : { losses, ...payloadPart(given, '', names) };
  return withPayload(payload, 'bare', [], problems);
}

function named(event: Unwrapped, name: unknown, known: readonly string[]): Unwrapped {
  if (typeof name !== 'string') return event;
  const eventName = known.find((each) => each === name);
  return { ...event, givenName: name, ...(eventName !== undefined && { eventName }) };
}

function withPayload(payload: Part, envelope: EnvelopeKind, timesMs: number[], problems: Problem[]): Unwrapped {
  return {
    ...(isRecord(payload.value) && { payload: payload.value }),
    envelope,
    viaSns: false,
    timesMs,
    problems: [...problems, ...payload.problems],
    losses: payload.losses ?? [],
  };
}

function dataOf(event: Record<string, unknown>, names: EventNames): Part {
  const { data, data_base64: encoded } = event;
  if (encoded === undefined) return payloadPart(data, 'data', names);
  const refused = (message: string) => ({ problems: [{ path: 'data_base64', message }] });
  if (data !== undefined) return refused('must be left out, because the event also has data');
  const text = typeof encoded === 'string' ? textOfBase64(encoded) : undefined;
  if (text === undefined) return refused('must be JSON in UTF-8, encoded as Base64');
  const { value, problems, losses = [] } = readJsonPart(text, 'data_base64');
  return problems.length > 0 ? { problems } : { losses, ...payloadPart(value, 'data_base64', names) };
}

/**
 * Node's own decoder ignores characters that are not Base64, and replaces bytes that are not UTF-8. Two different keys could then become
 * equal.
 */
function textOfBase64(encoded: string): string | undefined {
  if (!/^[\w+/-]*={0,2}$/.test(encoded.replaceAll(/\s/g, ''))) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

/** The losses in a member of an envelope. Losses in its other members do not matter. */
function lossesWithin(member: string, losses: readonly Problem[]): Problem[] {
  return losses.flatMap(({ path, message }) => {
    if (path === member) return [{ path, message }];
    return path.startsWith(`${member}.`) ? [{ path: path.slice(member.length + 1), message }] : [];
  });
}

function payloadPart(value: unknown, path: string, names: EventNames): Part {
  const refused = (message: string) => ({ problems: [{ path, message }] });
  if (Array.isArray(value)) return refused(listProblem(value, names));
  if (!isRecord(value)) return refused(`must be an object: ${names.payload}`);
  const other = otherMessageProblem(value, names);
  if (other !== undefined) return refused(other);
  const nulls = (names.nullable ?? []).filter((name) => value[name] === null).map((name) => [name, null]);
  return { value: { ...withoutNullFields(value), ...Object.fromEntries(nulls) }, problems: [] };
}

/** A message has a single completion, so it cannot contain several requests. */
function listProblem(list: readonly unknown[], { payload }: EventNames): string {
  const isBatch = list.some((each) => isRecord(each) && Object.hasOwn(each, 'specversion'));
  const [what, each] = isBatch ? ['a CloudEvents batch', 'event'] : ['a JSON array', payload.replace(/^the /, '')];
  return `is ${what}: send each ${each} in a message of its own`;
}

function readJsonPart(text: string, path: string): Part {
  try {
    // Some producers send a byte order mark first, which JSON does not allow.
    const json = text.replace(/^\ufeff/, '');
    return { value: JSON.parse(json), problems: [], losses: jsonLosses(json) };
  } catch (error) {
    return { problems: [{ path, message: notJson(text, error) }] };
  }
}

function problemsWith(schema: z.ZodMiniType, value: unknown): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : problemsOf(result.error, schema);
}

function timesOf(value: unknown): number[] {
  const ms = typeof value === 'string' ? timestampMs(value) : undefined;
  return ms === undefined ? [] : [ms];
}
