import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { readNotices } from '../../../lib/bulk/manifest-notice.ts';
import { readRow } from '../../../lib/bulk/read-manifest.ts';
import { parseReaderItem } from '../../../lib/bulk/reader-item.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { parseLiveEventMessage } from '../../../lib/contract/live-event-message.ts';
import { parkedNoteSchema } from '../../../lib/contract/parked-note.ts';
import { readMessage } from '../../../lib/contract/read-message.ts';
import { readRedrive } from '../../../lib/contract/redrive-attributes.ts';
import { releaseEventSchema } from '../../../lib/contract/release-event.ts';
import { rosterEventSchema } from '../../../lib/contract/roster-event.ts';
import { parseLedgerItem, parseStoredItem } from '../../../lib/ledger/ledger-item.ts';
import { parseLiveEventItem } from '../../../lib/live-events/live-event-item.ts';
import { parseRefusedRevision } from '../../../lib/live-events/refused-revision.ts';
import { parsePaceItem } from '../../../lib/pace/pace-item.ts';
import { classifyFailure } from '../../../lib/platform/classify-failure.ts';
import { readConfig, readSweepConfig } from '../../../lib/platform/config.ts';
import { readRecords } from '../../../lib/platform/incoming-record.ts';
import { readLiveEventConfig } from '../../../lib/platform/live-event-config.ts';
import { readBulkConfig, readRosterConfig, readTrackingConfig } from '../../../lib/platform/roster-config.ts';
import { parseMember, parseMeta, parseRow } from '../../../lib/rosters/roster-item.ts';
import { parseSweepState } from '../../../lib/sweeping/sweep-position.ts';
import * as samples from './samples.ts';
import * as stored from './stored-samples.ts';
import { type Choices, choicesOf, varied, writtenAs } from './varied-inputs.ts';

const NOW_MS = Date.parse('2026-12-01T12:00:00Z');
const REGION = 'eu-west-1';

/** Reads one input, which is a variation of a sample. What it returns or throws is the reading. */
type Read = (choices: Choices) => unknown;

const vary = (list: readonly unknown[], choices: Choices) => varied(choices.of(list), choices);

/** A payload without an envelope, or in the envelope of EventBridge, CloudEvents or SNS. */
function enveloped(payload: unknown, names: { eventbridge: string; cloudevent: string }, choices: Choices): string {
  const time = '2026-12-01T11:59:00Z';
  const event = choices.of([
    payload,
    payload,
    { 'detail-type': names.eventbridge, time, detail: payload },
    { specversion: '1.0', type: names.cloudevent, time, data: payload },
  ]);
  const body = writtenAs(choices.number(3) === 0 ? varied(event, choices) : event, choices);
  return choices.number(4) > 0 ? body : writtenAs({ Type: 'Notification', Timestamp: time, Message: body }, choices);
}

function message(sample: unknown, names: { eventbridge: string; cloudevent: string }): Read {
  return (choices) => {
    const body = enveloped(vary([sample, ...samples.PUBLISHED], choices), names, choices);
    const isFromRoster = choices.number(4) === 0;
    const redriven = choices.number(5) === 0 && { redriven: { wishedAtMs: NOW_MS - 5_000 } };
    return readMessage(
      { body, isFromRoster, sentTimestampMs: NOW_MS - 1_000, ...redriven },
      { region: REGION, requestMaxAgeMs: 86_400_000, nowMs: NOW_MS, releases: choices.number(3) > 0 },
    );
  };
}

function liveEvent(choices: Choices): unknown {
  const cancelled = { type: 'Live Event Cancelled', liveEventId: 'e-1', revision: 4, tenant: 'acme' };
  const names = { eventbridge: 'Live Event Scheduled', cloudevent: 'greenroom.live-event.cancelled.v1' };
  const body = enveloped(vary([samples.LIVE_EVENT, samples.LIVE_EVENT, cancelled], choices), names, choices);
  const releases = choices.number(3) > 0;
  return parseLiveEventMessage(body, { region: REGION, leadMs: 1_800_000, atRiskMs: 600_000, releases, nowMs: NOW_MS });
}

function row(choices: Choices): unknown {
  const value = vary([samples.ROW], choices);
  const releases = { releases: choices.number(3) > 0, uploadedAtMs: NOW_MS };
  return readRow({ row: 2, value, problems: [], placeOf: (path) => path }, 1, REGION, releases);
}

function environment(read: (environment: Record<string, string>) => unknown): Read {
  return (choices) => {
    const value = varied(samples.ENVIRONMENT, choices);
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return read(Object.fromEntries(entries.map(([name, each]) => [name, String(each)])));
  };
}

function item(list: readonly unknown[], read: (attributes: Record<string, AttributeValue>) => unknown): Read {
  return (choices) => {
    const value = vary(list, choices);
    return read(
      typeof value === 'object' && value !== null ? marshall(value, { convertClassInstanceToMap: true }) : {},
    );
  };
}

const value =
  (list: readonly unknown[], read: (input: unknown) => unknown): Read =>
  (choices) =>
    read(vary(list, choices));
const text =
  (list: readonly unknown[], read: (input: string) => unknown): Read =>
  (choices) =>
    read(writtenAs(vary(list, choices), choices));

const READERS: Record<string, Read> = {
  request: message(samples.REQUEST, { eventbridge: 'Room Requested', cloudevent: 'greenroom.room.requested.v1' }),
  release: message(
    { ...samples.RELEASE, type: 'Room Release Requested' },
    { eventbridge: 'Room Release Requested', cloudevent: 'greenroom.room.release-requested.v1' },
  ),
  'live event': liveEvent,
  row,
  'environment of the workers': environment(readConfig),
  'environment of the sweep': environment(readSweepConfig),
  'environment of rosters': environment(readRosterConfig),
  'environment of the tracker': environment(readTrackingConfig),
  'environment of the reader': environment(readBulkConfig),
  'environment of live events': environment(readLiveEventConfig),
  completion: value(samples.PUBLISHED, (input) => completionSchema.safeParse(input)),
  'event about a release': value(samples.PUBLISHED, (input) => releaseEventSchema.safeParse(input)),
  'event about a roster': value(samples.PUBLISHED, (input) => rosterEventSchema.safeParse(input)),
  'parked note': value([stored.PARKED_NOTE], (input) => parkedNoteSchema.safeParse(input)),
  'ledger item': item(stored.LEDGER_ITEMS, parseStoredItem),
  claim: item(stored.LEDGER_ITEMS, parseLedgerItem),
  'pace item': item([stored.PACE_ITEM], parsePaceItem),
  'reader item': item([stored.READER_ITEM], parseReaderItem),
  roster: item(stored.ROSTER_ITEMS, parseMeta),
  member: item([stored.MEMBER], parseMember),
  'row of a roster': item([stored.ROSTER_ROW], parseRow),
  'live event item': item(stored.LIVE_EVENT_ITEMS, parseLiveEventItem),
  'refused revision': item([stored.REFUSED_REVISION], parseRefusedRevision),
  'sweep item': item([stored.SWEEP_ITEM], parseSweepState),
  records: value([samples.RECORDS], readRecords),
  notice: text([samples.NOTICE, samples.NOTICE_OF_EVENTBRIDGE], readNotices),
  redrive: (choices) => {
    const attributes = Object.entries(samples.REDRIVE).map(([name, each]) => [name, String(varied(each, choices))]);
    return readRedrive(Object.fromEntries(attributes));
  },
  failure: value([samples.SDK_ERROR], (input) => classifyFailure(input, true)),
};

export const READER_NAMES = Object.keys(READERS);

/** Reads the variation of a sample that belongs to the seed. @returns the reading as JSON, or the error's name and text */
export function readingOf(name: string, seed: number): string {
  const read = READERS[name];
  if (read === undefined) throw new Error(`Unknown reader: ${name}`);
  try {
    return JSON.stringify(read(choicesOf(seed)), legible) ?? 'undefined';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function legible(_name: string, each: unknown): unknown {
  if (each instanceof Set) return { set: [...each] };
  return each instanceof Error ? { error: each.name, message: each.message } : each;
}
