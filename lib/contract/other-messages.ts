import { pipeRecordProblem } from './pipe-record.ts';
import { isRecord } from './record.ts';

/** An object with one of these fields is meant to be a payload. */
const NAMING = ['idempotencyKey', 'room', 'liveEventId', 'revision'];

interface Expected {
  /** The name of the payload in error messages. */
  payload: string;
  /** A payload with the given id, as an `InputTemplate`. */
  template: (id: string) => string;
  /** The fields of the payload that are lists. */
  lists?: readonly string[];
}

/**
 * Explains that an object is a message of an AWS service, or a batch, instead of a payload, and names the remedy.
 * @returns undefined if the object is none of these
 */
export function otherMessageProblem(value: Record<string, unknown>, expected: Expected): string | undefined {
  const pipeRecord = pipeRecordProblem(value, expected);
  // An object with one of these fields is a payload, no matter what else it contains. The schema then finds its other problems.
  if (pipeRecord !== undefined || NAMING.some((name) => Object.hasOwn(value, name))) return pipeRecord;
  return snsProblem(value) ?? entryProblem(value) ?? batchProblem(value, expected);
}

/** https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html */
function snsProblem({ Type: type, Message: message, SubscribeURL: url }: Record<string, unknown>): string | undefined {
  if (type === 'Notification' && message !== undefined)
    return 'is an SNS notification in another one: turn on raw message delivery for the subscription to the first topic';
  if (type !== 'SubscriptionConfirmation' || url === undefined) return undefined;
  return 'is the confirmation of an SNS subscription: confirm the subscription with its SubscribeURL';
}

/** An entry of PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
function entryProblem(value: Record<string, unknown>): string | undefined {
  const [entry = value] = Array.isArray(value.Entries) ? value.Entries : [];
  if (!isRecord(entry) || !Object.hasOwn(entry, 'DetailType')) return undefined;
  const what = entry === value ? 'an entry' : 'a list of entries';
  return `is ${what} of PutEvents: send it to an event bus with PutEvents, or send only the content of Detail`;
}

/** An object with a list of payloads, such as `{"rooms": [...]}`. */
function batchProblem(value: Record<string, unknown>, { payload, lists = [] }: Expected): string | undefined {
  const batch = Object.entries(value).find(
    ([name, list]) => !lists.includes(name) && Array.isArray(list) && list.length > 0 && list.every(isRecord),
  );
  if (batch === undefined) return undefined;
  const [name] = batch;
  return `has a list in ${JSON.stringify(name)}: send each ${payload.replace(/^the /, '')} in a message of its own`;
}
