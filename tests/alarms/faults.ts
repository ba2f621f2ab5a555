import {
  crashForTheLastTime,
  FUNCTIONS,
  isTable,
  liveEvent,
  makeDueRoom,
  makeExtraRoom,
  request,
  rosterCheck,
  SOURCES,
  sourceOf,
  upload,
} from './causes.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, START_MS } from './deployment.ts';

/** A fault, and the alarms that it must set off. No other alarm may go off while it lasts. */
export interface Fault {
  what: string;
  alarms: string[];
  /** How long the fault lasts after its alarms are due, because other alarms may go off later. By default five minutes. */
  goesOnMs?: number;
  /** How many real messages a simulated message represents. By default one. */
  weight?: number;
  /** Resolves when the fault has begun. */
  cause(world: Deployment): Promise<void> | void;
}

/** Without the roster table, the function cannot look for overdue reminders either. */
const UNCHECKED_REMINDERS = ['OverdueRemindersAlarm', 'ScheduleLiveEventsErrorsAlarm'];

export const FAULTS: Fault[] = [
  {
    what: 'a message has no readable key',
    alarms: ['ParkedRequestsAlarm'],
    cause: ({ queue }) => void queue('interactive').send('not JSON'),
  },
  ...(['manifests', 'rosters'] as const).map(
    (queue): Fault => ({
      what: `a message of the queue ${queue} crashes its function at each receive`,
      alarms: [queue === 'manifests' ? 'ManifestDeadLettersAlarm' : 'RosterDeadLettersAlarm'],
      cause: (world) => crashForTheLastTime(world, sourceOf(queue), 119),
    }),
  ),
  ...(
    [
      ['interactive', 'InteractiveDeadLettersAlarm'],
      ['bulk', 'BulkDeadLettersAlarm'],
      ['live-events', 'LiveEventDeadLettersAlarm'],
    ] as const
  ).flatMap(([queue, alarm]): Fault[] => [
    {
      what: `a message of the queue ${queue} crashes its function at each receive, and is announced and parked`,
      alarms: [alarm, 'ParkedRequestsAlarm'],
      cause: (world) => crashForTheLastTime(world, sourceOf(queue), 239),
    },
    {
      what: `the same in ${queue}, but nothing receives dead letters`,
      alarms: [alarm],
      cause: (world) => {
        world.setEnabled(`${queue}-dead-letters`, false);
        return crashForTheLastTime(world, sourceOf(queue), 239);
      },
    },
  ]),
  ...SOURCES.map(
    (source): Fault => ({
      what: `nothing receives from the queue ${source.queue}`,
      alarms: [`${source.prefix}NotTakenAlarm`],
      cause(world) {
        world.setEnabled(source.queue, false);
        source.send(world);
      },
    }),
  ),
  ...SOURCES.map(
    (source): Fault => ({
      what: `120,000 messages of the queue ${source.queue} are in flight`,
      alarms: [`${source.prefix}InFlightAlarm`],
      weight: 20_000,
      cause({ queue }) {
        const messages = Array.from({ length: 6 }, (_, index) => queue(source.queue).send(String(index)));
        queue(source.queue).take(messages);
      },
    }),
  ),
  ...FUNCTIONS.flatMap(({ prefix, name, others, send }): Fault[] => [
    {
      what: `${name} crashes at each invocation`,
      alarms: [`${prefix}ErrorsAlarm`, ...others],
      cause(world) {
        world.function(name).fate = 'crashes';
        send(world);
      },
    },
    {
      what: `${name} is throttled`,
      alarms: [`${prefix}ThrottlesAlarm`, ...others],
      cause(world) {
        world.function(name).fate = 'is throttled';
        send(world);
      },
    },
    {
      what: `${name} reaches its timeout at each invocation`,
      alarms: [`${prefix}DurationAlarm`, `${prefix}ErrorsAlarm`, ...others],
      cause(world) {
        world.function(name).fate = 'hangs';
        send(world);
      },
    },
  ]),
  ...(
    [
      ['crashes', ['SweepRoomsErrorsAlarm']],
      ['hangs', ['SweepRoomsDurationAlarm', 'SweepRoomsErrorsAlarm']],
      ['is throttled', ['SweepRoomsThrottlesAlarm']],
    ] as const
  ).map(
    ([fate, alarms]): Fault => ({
      what: `sweep-rooms ${fate} each time`,
      alarms: [...alarms],
      cause(world) {
        world.function('sweep-rooms').fate = fate;
        // The next sweep begins an hour after the first.
        return world.run(START_MS + HOUR_MS - world.time.nowMs() - 1);
      },
    }),
  ),
  {
    what: 'EventBridge Scheduler cannot reach its queue',
    alarms: ['SchedulerDeadLettersAlarm'],
    async cause(world) {
      const { services, queue } = world;
      queue('live-events').send(liveEvent('final', HOUR_MS));
      services.refuse(({ action, input }) => action === 'deliver' && input.endsWith('live-events'));
      // The service gives up after 185 attempts, or after a day.
      while (queue('scheduler-dead-letters').messages().length === 0) await world.run(MINUTE_MS);
    },
  },
  {
    what: 'EventBridge cannot deliver an event of the bus',
    alarms: ['EventBusDeadLettersAlarm'],
    cause: ({ services }) => void services.messaging.queue('EventBusDeadLetterQueue').send('{}'),
  },
  {
    what: 'IVS Chat cannot be reached, and an interactive request waits',
    alarms: ['OldestInteractiveRequestAlarm'],
    cause({ services, queue }) {
      services.refuse(({ action }) => action === '/CreateRoom');
      queue('interactive').send(request('interactive'));
    },
  },
  {
    what: 'IVS Chat cannot be reached, and a bulk request waits',
    alarms: ['OldestBulkRequestAlarm'],
    cause({ services, queue }) {
      services.refuse(({ action }) => action === '/CreateRoom');
      queue('bulk').send(request('bulk'));
    },
  },
  {
    what: 'the roster table cannot be reached, and a live event waits',
    alarms: ['OldestLiveEventMessageAlarm', ...UNCHECKED_REMINDERS],
    cause({ services, queue }) {
      services.refuse(isTable('greenroom-prod-rosters'));
      queue('live-events').send(liveEvent('final', 24 * HOUR_MS));
    },
  },
  {
    what: 'the roster table cannot be reached, and a completion waits',
    alarms: ['OldestRosterMessageAlarm', ...UNCHECKED_REMINDERS],
    cause({ services, queue }) {
      services.refuse(isTable('greenroom-prod-rosters'));
      queue('rosters').send(rosterCheck);
    },
  },
  {
    what: 'S3 refuses a manifest',
    alarms: ['OldestManifestAlarm'],
    cause(world) {
      world.services.refuse(({ service }) => service === 's3');
      upload(world, 'rooms.csv', 'key\nhall-1\n');
    },
  },
  {
    what: 'a region has as many rooms as it may have',
    alarms: ['BreakerOpenAlarm'],
    cause({ services, queue }) {
      services.ivsChat.setQuotas({ roomsPerRegion: 0 });
      queue('interactive').send(request('interactive'));
    },
  },
  {
    what: 'SNS refuses completions',
    alarms: ['PublishFailuresAlarm', 'OldestInteractiveRequestAlarm'],
    cause({ services, queue }) {
      services.refuse(({ service }) => service === 'sns');
      queue('interactive').send(request('interactive'));
    },
  },
  {
    what: 'SNS refuses the announcement of a manifest that is refused',
    alarms: ['PublishFailuresAlarm'],
    cause(world) {
      world.services.refuse(({ service }) => service === 'sns');
      upload(world, 'rooms.csv', 'no such column\n1\n');
    },
  },
  {
    what: 'SNS refuses the announcement of a live event that cannot be read',
    alarms: ['PublishFailuresAlarm', 'OldestLiveEventMessageAlarm'],
    cause({ services, queue }) {
      services.refuse(({ service }) => service === 'sns');
      queue('live-events').send(JSON.stringify({ type: 'Live Event Scheduled', liveEventId: 'final', revision: 1 }));
    },
  },
  {
    what: 'SNS refuses the announcement of a bulk job that is complete',
    alarms: ['PublishFailuresAlarm', 'OldestRosterMessageAlarm'],
    cause(world) {
      // The completions of single rooms are published.
      world.services.refuse(({ service, input }) => service === 'sns' && input.includes('roster.completed'));
      upload(world, 'rooms.csv', 'key\nhall-1\n');
    },
  },
  {
    what: 'the opening of a live event has passed, and nothing receives its messages',
    alarms: ['OverdueRemindersAlarm', 'LiveEventMessagesNotTakenAlarm'],
    async cause(world) {
      world.queue('live-events').send(liveEvent('final', 2 * HOUR_MS));
      await world.run(MINUTE_MS);
      world.setEnabled('live-events', false);
      // It opens half an hour before its start.
      await world.run(START_MS + 1.5 * HOUR_MS - world.time.nowMs());
    },
  },
  {
    what: 'no function looks for overdue reminders',
    alarms: ['OverdueRemindersAlarm'],
    cause: (world) => world.disableRule('schedule-live-events'),
  },
  {
    what: 'the roster queue refuses the completions of the topic',
    alarms: ['RosterSubscriptionAlarm', 'CompletionDeliveriesAlarm', 'RosterDeadLettersAlarm'],
    cause(world) {
      world.services.refuse(({ action }) => action === 'deliver');
      upload(world, 'rooms.csv', 'key\nhall-1\n');
    },
  },
  {
    what: 'the queue of another subscriber refuses a completion',
    alarms: ['CompletionDeliveriesAlarm'],
    cause({ services, queue }) {
      services.refuse(({ action }) => action === 'deliver to a subscriber');
      queue('interactive').send(request('interactive'));
    },
  },
  {
    what: 'there is a room that was never published',
    alarms: ['ExtraRoomsAlarm'],
    cause: makeExtraRoom,
  },
  {
    what: 'the rooms of a region cannot be listed',
    alarms: ['SweepAlarm'],
    cause: ({ services }) => services.refuse(({ action, region }) => action === '/ListRooms' && region === 'us-east-1'),
  },
  {
    what: 'the sweep is never started',
    alarms: ['SweepAlarm'],
    cause: (world) => world.disableRule('sweep-rooms'),
  },
  ...(
    [
      ['crashes', ['ReleaseRoomsErrorsAlarm']],
      ['hangs', ['ReleaseRoomsDurationAlarm', 'ReleaseRoomsErrorsAlarm']],
      ['is throttled', ['ReleaseRoomsThrottlesAlarm']],
    ] as const
  ).map(
    ([fate, alarms]): Fault => ({
      what: `release-rooms ${fate} each time`,
      alarms: [...alarms],
      cause(world) {
        world.function('release-rooms').fate = fate;
      },
    }),
  ),
  {
    what: 'the due index cannot be read',
    alarms: ['ReleaseRoomsErrorsAlarm'],
    cause: ({ services }) =>
      services.refuse(({ action, input }) => action === 'Query' && input.includes('release-due')),
  },
  {
    what: 'a room that is due cannot be deleted, because IVS Chat does not answer',
    alarms: ['ReleaseOverdueAlarm'],
    async cause(world) {
      await makeDueRoom(world);
      world.services.refuse(({ action }) => action === '/DeleteRoom');
    },
  },
  {
    what: 'no function releases rooms',
    alarms: ['ReleaseOverdueAlarm'],
    cause: (world) => world.disableRule('release-rooms'),
  },
  {
    what: 'the role of release-rooms may not delete a room that is due',
    alarms: ['ReleaseDeniedAlarm'],
    async cause(world) {
      await makeDueRoom(world);
      world.services.ivsChat.inject({
        operation: 'DeleteRoom',
        times: 100,
        fault: { error: 'AccessDeniedException', status: 403 },
      });
      await world.run(2 * MINUTE_MS);
    },
  },
];
