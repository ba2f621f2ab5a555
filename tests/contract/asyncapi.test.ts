import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { type Completion, completionSchema } from '../../lib/contract/completion.ts';
import { completionAttributes, releaseAttributes } from '../../lib/contract/completion-attributes.ts';
import { releaseEventSchema } from '../../lib/contract/release-event.ts';

const EVENTS = join(import.meta.dirname, '../../events');
const reference = z.object({ $ref: z.string() });

const document = z
  .object({
    asyncapi: z.literal('3.0.0'),
    channels: z.record(
      z.string(),
      z.object({ address: z.string(), description: z.string(), messages: z.record(z.string(), reference) }),
    ),
    operations: z.record(z.string(), z.object({ action: z.enum(['receive', 'send']), channel: reference })),
    components: z.object({
      messages: z.record(
        z.string(),
        z.object({ payload: z.object({ schema: reference }), headers: reference.optional() }),
      ),
      schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()) })),
    }),
  })
  .parse(JSON.parse(readFileSync(join(EVENTS, 'asyncapi.json'), 'utf8')));

const schemaFiles = Object.values(document.components.messages).map(({ payload }) => payload.schema.$ref);

describe('the AsyncAPI document', () => {
  test('has a message for each event schema, and a schema for each message', () => {
    for (const file of schemaFiles)
      expect({ file, exists: existsSync(join(EVENTS, file)) }).toEqual({ file, exists: true });
    const ofEvents = readdirSync(join(EVENTS, 'schemas')).filter((file) => file !== 'manifest-row.schema.json');
    expect(schemaFiles.sort()).toEqual(ofEvents.map((file) => `./schemas/${file}`).sort());
  });

  test('has a channel for every message, and an operation for every channel', () => {
    const channels = Object.entries(document.channels);
    const carried = channels.flatMap(([, { messages }]) => Object.values(messages).map(({ $ref }) => $ref));
    const named = Object.keys(document.components.messages).map((name) => `#/components/messages/${name}`);
    expect([...new Set(carried)].sort()).toEqual(named.sort());
    const operated = Object.values(document.operations).map(({ channel }) => channel.$ref);
    expect(operated.sort()).toEqual(channels.map(([name]) => `#/channels/${name}`).sort());
  });

  test('names the queues and the topic as the template does', () => {
    const infrastructure = join(EVENTS, '../infrastructure');
    const template = readdirSync(infrastructure, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yml'))
      .map((file) => readFileSync(join(infrastructure, file), 'utf8'))
      .join();
    const names = [...template.matchAll(/(?:QueueName|TopicName): (\S+)/g)].map(([, name]) => name);
    for (const { address } of Object.values(document.channels))
      expect(names).toContain(address.replace('{', '$'.concat('{sls:')));
  });

  test('lists the message attributes that a completion can have', () => {
    const failed: Completion = completionSchema.parse(
      JSON.parse(readFileSync(join(EVENTS, 'samples/room-failed.json'), 'utf8')),
    );
    const all = completionAttributes(failed, {
      lane: 'bulk',
      roster: 'r',
      correlationId: 'c',
      traceparent: 't',
      metadata: {},
    });
    const listed = Object.keys(document.components.schemas.completionAttributes?.properties ?? {});
    expect(listed.sort()).toEqual(Object.keys(all).sort());
  });

  test('lists the message attributes that an event about a release can have', () => {
    const event = releaseEventSchema.parse(
      JSON.parse(readFileSync(join(EVENTS, 'samples/release-failed.json'), 'utf8')),
    );
    const all = releaseAttributes(event, { correlationId: 'c', traceparent: 't' });
    const listed = Object.keys(document.components.schemas.releaseAttributes?.properties ?? {});
    expect(listed.sort()).toEqual(Object.keys(all).sort());
  });
});
