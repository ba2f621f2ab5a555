/**
 * Writes the JSON Schemas (draft 2020-12) of everything that greenroom accepts and publishes.
 *
 *     node scripts/generate-schemas.ts [--directory events/schemas]
 *     node scripts/generate-schemas.ts --check      writes nothing; exits 1 and names each file that differs from the contract
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { failedCompletionSchema, provisionedCompletionSchema } from '../lib/contract/completion.ts';
import { cloudEventSchema, type EventNames, eventBridgeSchema } from '../lib/contract/envelopes.ts';
import { cancelledLiveEventSchema, scheduledLiveEventSchema } from '../lib/contract/live-event.ts';
import { LIVE_EVENT_NAMES } from '../lib/contract/live-event-message.ts';
import { manifestRowSchema } from '../lib/contract/manifest-row.ts';
import { RELEASE_COMMAND_TYPE, ROOM_RELEASE_REQUESTED, releaseCommandSchema } from '../lib/contract/release-command.ts';
import {
  releasedEventSchema,
  releaseFailedEventSchema,
  releaseScheduledEventSchema,
} from '../lib/contract/release-event.ts';
import { roomRequestSchema } from '../lib/contract/room-request.ts';
import {
  rosterAtRiskSchema,
  rosterCancelledSchema,
  rosterCompletedSchema,
  rosterFailedSchema,
} from '../lib/contract/roster-event.ts';
import { withNulls } from './schemas-with-nulls.ts';

/** The event names of cancellations, and of messages that contain a whole live event. */
const CANCELLED = namesThat((name) => name.toLowerCase().includes('cancelled'));
const SCHEDULED = namesThat((name) => !name.toLowerCase().includes('cancelled'));
type Schemas = Record<string, { title: string; schema: z.ZodMiniType }>;
const bareType = ({ detailTypes }: EventNames) => z.literal([...detailTypes]);

/** The messages that greenroom accepts. A field that is null counts as absent, except for the `releaseAt` of a release command. */
const ACCEPTED: Schemas = {
  'room-request': { title: 'Room request', schema: roomRequestSchema },
  'room-requested.eventbridge': {
    title: 'Room request as an EventBridge event',
    schema: eventBridgeSchema(roomRequestSchema),
  },
  'room-requested.cloudevent': {
    title: 'Room request as a CloudEvents 1.0 event in structured JSON',
    schema: cloudEventSchema(roomRequestSchema),
  },
  'release-command': {
    title: 'Release command',
    schema: z.extend(releaseCommandSchema, { type: z.literal(RELEASE_COMMAND_TYPE) }),
  },
  'release-command.eventbridge': {
    title: 'Release command as an EventBridge event',
    schema: eventBridgeSchema(releaseCommandSchema, ROOM_RELEASE_REQUESTED),
  },
  'release-command.cloudevent': {
    title: 'Release command as a CloudEvents 1.0 event in structured JSON',
    schema: cloudEventSchema(releaseCommandSchema, ROOM_RELEASE_REQUESTED),
  },
  'live-event-scheduled': {
    title: 'Live event, scheduled or rescheduled',
    schema: z.extend(scheduledLiveEventSchema, { type: z.exactOptional(bareType(SCHEDULED)) }),
  },
  'live-event-scheduled.eventbridge': {
    title: 'Live event, scheduled or rescheduled, as an EventBridge event',
    schema: eventBridgeSchema(scheduledLiveEventSchema, SCHEDULED),
  },
  'live-event-scheduled.cloudevent': {
    title: 'Live event, scheduled or rescheduled, as a CloudEvents 1.0 event in structured JSON',
    schema: cloudEventSchema(scheduledLiveEventSchema, SCHEDULED),
  },
  'live-event-cancelled': {
    title: 'Live event, cancelled',
    schema: z.extend(cancelledLiveEventSchema, { type: bareType(CANCELLED) }),
  },
  'live-event-cancelled.eventbridge': {
    title: 'Live event, cancelled, as an EventBridge event',
    schema: eventBridgeSchema(cancelledLiveEventSchema, CANCELLED),
  },
  'live-event-cancelled.cloudevent': {
    title: 'Live event, cancelled, as a CloudEvents 1.0 event in structured JSON',
    schema: cloudEventSchema(cancelledLiveEventSchema, CANCELLED),
  },
  'manifest-row': { title: 'A row of a bulk manifest in NDJSON or JSON', schema: manifestRowSchema },
};

/** The messages that greenroom publishes. */
const PUBLISHED: Schemas = {
  'room-provisioned': { title: 'Completion: the room exists', schema: provisionedCompletionSchema },
  'room-failed': { title: 'Completion: no room was created', schema: failedCompletionSchema },
  'room-released': { title: 'A room is released', schema: releasedEventSchema },
  'release-scheduled': { title: 'Answer to a release command: it is accepted', schema: releaseScheduledEventSchema },
  'release-failed': {
    title: 'Answer to a release command that greenroom cannot carry out',
    schema: releaseFailedEventSchema,
  },
  'roster-completed': { title: 'A bulk job or live event is complete', schema: rosterCompletedSchema },
  'roster-at-risk': { title: 'A live event may begin without all of its rooms', schema: rosterAtRiskSchema },
  'roster-cancelled': { title: 'A live event is cancelled', schema: rosterCancelledSchema },
  'roster-failed': { title: 'A bulk job or live event cannot be accepted', schema: rosterFailedSchema },
};

const { values: flags } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    directory: { type: 'string', default: join(import.meta.dirname, '../events/schemas') },
  },
});
if (!flags.check) mkdirSync(flags.directory, { recursive: true });
for (const [name, { title, schema }] of Object.entries({ ...ACCEPTED, ...PUBLISHED })) {
  const path = join(flags.directory, `${name}.schema.json`);
  const text = schemaText(title, schema, name in ACCEPTED);
  if (!flags.check) {
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${path} differs from the contract: run node scripts/generate-schemas.ts`);
    process.exitCode = 1;
  }
}

function namesThat(isMeant: (name: string) => boolean): EventNames {
  const { detailTypes, cloudEventTypes } = LIVE_EVENT_NAMES;
  return {
    ...LIVE_EVENT_NAMES,
    detailTypes: detailTypes.filter(isMeant),
    cloudEventTypes: cloudEventTypes.filter(isMeant),
  };
}

/**
 * `io: 'input'` produces schemas that allow unknown members, which a later version may add. `unrepresentable: 'any'` is for tags: their
 * check is custom, and its `meta` contains the schema.
 */
function schemaText(title: string, schema: z.ZodMiniType, isAccepted: boolean): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ $schema, title, ...(isAccepted ? withNulls(rest) : rest) }, null, 2)}\n`;
}
