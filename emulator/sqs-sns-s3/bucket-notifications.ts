import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

/** One queue that a bucket notifies of its new objects. */
const queueNotificationSchema = z.object({
  id: z.string(),
  queueArn: z.string(),
  events: z.array(z.string()),
  prefix: z.string(),
  suffix: z.string(),
});
export type QueueNotification = z.output<typeof queueNotificationSchema>;

const fileSchema = z.record(z.string(), z.object({ xml: z.string(), queues: z.array(queueNotificationSchema) }));
export type BucketNotification = z.output<typeof fileSchema>[string];

export interface BucketNotifications {
  get(bucket: string): BucketNotification | undefined;
  set(bucket: string, notification: BucketNotification): void;
}

/** The notification configuration of each bucket, stored in `file`, or in memory if there is no file. */
export function openBucketNotifications(file: string | undefined): BucketNotifications {
  const stored = file !== undefined && existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  const byBucket = new Map(Object.entries(stored));

  return {
    get: (bucket) => byBucket.get(bucket),
    set(bucket, notification) {
      byBucket.set(bucket, notification);
      if (file === undefined) return;
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(byBucket)));
      renameSync(`${file}.new`, file);
    },
  };
}

/** Reads the body of PutBucketNotificationConfiguration; undefined if it has targets other than queues. */
export function parseNotification(xml: string): BucketNotification | undefined {
  if (/<(TopicConfiguration|CloudFunctionConfiguration|EventBridgeConfiguration)\b/.test(xml)) return undefined;
  return { xml, queues: elements(xml, 'QueueConfiguration').map(parseQueueConfiguration) };
}

function parseQueueConfiguration(xml: string, index: number): QueueNotification {
  const rules = elements(xml, 'FilterRule').map((rule) => [
    elements(rule, 'Name')[0]?.toLowerCase(),
    elements(rule, 'Value')[0],
  ]);
  const ruleValue = (name: string) => unescapeXml(rules.find(([each]) => each === name)?.[1] ?? '');
  return {
    id: elements(xml, 'Id')[0] ?? `notification-${index + 1}`,
    queueArn: elements(xml, 'Queue')[0] ?? '',
    events: elements(xml, 'Event'),
    prefix: ruleValue('prefix'),
    suffix: ruleValue('suffix'),
  };
}

/** The contents of all elements with a name. A pattern suffices, because no element of this document contains another of the same name. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, 'g'))].map(([, content = '']) => content);
}

const ENTITIES = new Map(
  Object.entries<string>({ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }),
);

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES.get(entity) ?? entity);
}

/** Whether the queue must be notified of an event such as `ObjectCreated:Put` on `key`. */
export function matchesNotification(
  { events, prefix, suffix }: QueueNotification,
  eventName: string,
  key: string,
): boolean {
  const isEvent = events.some(
    (event) => event === `s3:${eventName}` || event === `s3:${eventName.replace(/:.*/, ':*')}`,
  );
  return isEvent && key.startsWith(prefix) && key.endsWith(suffix);
}
