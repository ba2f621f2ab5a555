import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { ownTags } from '../../lib/ledger/room-tags.ts';
import { type Deployment, MINUTE_MS, START_MS } from './deployment.ts';
import type { AwsCall } from './services.ts';

const HALL = { name: 'hall' };
export const request = (idempotencyKey: string) => JSON.stringify({ idempotencyKey, room: HALL });
export const liveEvent = (liveEventId: string, startsInMs: number) =>
  JSON.stringify({
    type: 'Live Event Scheduled',
    liveEventId,
    revision: 1,
    startsAt: new Date(START_MS + startsInMs).toISOString(),
    rooms: [{ key: 'a', room: HALL }],
  });
export const rosterCheck = JSON.stringify({ checkRoster: 'unknown' });

/** Uploads a manifest. */
export function upload({ services, queue }: Deployment, name: string, content: string): void {
  const key = `manifests/${name}`;
  const { etag } = services.s3.put(key, content);
  const bucket = { name: 'greenroom-prod-000000000000-eu-west-1' };
  const object = { key, eTag: etag, size: content.length, sequencer: '00000000000000AA' };
  queue('manifests').send(JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket, object } }] }));
}

export interface Source {
  queue: string;
  /** The names of its alarms. */
  prefix: string;
  functionName: string;
  send(world: Deployment): void;
}

/** The queues from which functions receive. */
export const SOURCES: Source[] = [
  {
    queue: 'interactive',
    prefix: 'InteractiveRequests',
    functionName: 'provision-rooms',
    send: ({ queue }) => void queue('interactive').send(request('interactive')),
  },
  {
    queue: 'bulk',
    prefix: 'BulkRequests',
    functionName: 'provision-rooms',
    send: ({ queue }) => void queue('bulk').send(request('bulk')),
  },
  {
    queue: 'redrive',
    prefix: 'RedrivenRequests',
    functionName: 'provision-rooms',
    send: ({ queue }) => void queue('redrive').send(request('redrive')),
  },
  {
    queue: 'manifests',
    prefix: 'Manifests',
    functionName: 'start-bulk-job',
    send: (world) => upload(world, 'rooms.csv', 'key\nhall-1\n'),
  },
  {
    queue: 'rosters',
    prefix: 'RosterMessages',
    functionName: 'track-rosters',
    send: ({ queue }) => void queue('rosters').send(rosterCheck),
  },
  {
    queue: 'live-events',
    prefix: 'LiveEventMessages',
    functionName: 'schedule-live-events',
    send: ({ queue }) => void queue('live-events').send(liveEvent('final', 360 * MINUTE_MS)),
  },
];

/** Functions that receive from queues, with a message that makes each of them run. */
export const FUNCTIONS: {
  prefix: string;
  name: string;
  /** The alarms that the message alone sets off. */
  others: string[];
  send(world: Deployment): void;
}[] = [
  ...[
    ['ProvisionRooms', 'interactive'],
    ['StartBulkJob', 'manifests'],
    ['TrackRosters', 'rosters'],
    ['ScheduleLiveEvents', 'live-events'],
  ].map(([prefix = '', queue]) => {
    const source = SOURCES.find((each) => each.queue === queue);
    // The same function looks for overdue reminders.
    const others = queue === 'live-events' ? ['OverdueRemindersAlarm'] : [];
    return { prefix, name: source?.functionName ?? '', others, send: (world: Deployment) => source?.send(world) };
  }),
  {
    prefix: 'AnnounceDeadLetters',
    name: 'announce-dead-letters',
    others: ['InteractiveDeadLettersAlarm'],
    send: ({ queue }) => void queue('interactive-dead-letters').send(request('dead')),
  },
];

/** Whether a call concerns a table. */
export const isTable = (name: string) => (call: AwsCall) => call.service === 'dynamodb' && call.input.includes(name);

/** Sends a message that has one receive left, and crashes its function once. @returns when the message is a dead letter */
export async function crashForTheLastTime(world: Deployment, source: Source, maxReceiveCount: number): Promise<void> {
  source.send(world);
  const queue = world.queue(source.queue);
  for (const message of queue.messages()) message.receiveCount = maxReceiveCount - 1;
  world.function(source.functionName).fate = 'crashes';
  await world.run(MINUTE_MS);
  world.function(source.functionName).fate = 'works';
  await world.run(queue.nextVisibleMs() - world.time.nowMs() - 1);
}

export const sourceOf = (queue: string) => {
  const source = SOURCES.find((each) => each.queue === queue);
  if (!source) throw new Error(`No function receives from ${queue}`);
  return source;
};

/** A room whose release becomes due two minutes later. */
export async function makeDueRoom(world: Deployment): Promise<void> {
  const releaseAt = new Date(world.time.nowMs() + 2 * MINUTE_MS).toISOString();
  world.queue('interactive').send(JSON.stringify({ idempotencyKey: 'due', room: HALL, releaseAt }));
  await world.run(MINUTE_MS);
}

/** A room with the tags of a key for which another room was decided. */
export async function makeExtraRoom(world: Deployment): Promise<void> {
  world.queue('interactive').send(request('key'));
  await world.run(MINUTE_MS);
  const { clients } = world.services;
  const Key = { id: { S: ledgerKey('key') } };
  const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName: 'greenroom-prod-ledger', Key }));
  if (Item === undefined) throw new Error('The request was not handled');
  const tags = ownTags(parseLedgerItem(Item), { stage: 'prod', deploymentRegion: 'eu-west-1' });
  await clients.ivsChat('eu-west-1').send(new CreateRoomCommand({ tags }));
}
