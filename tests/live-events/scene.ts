import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteScheduleCommand } from '@aws-sdk/client-scheduler';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { openLiveEventsWorld } from '../../bench/live-events/world.ts';
import type { RosterEvent } from '../../lib/contract/roster-event.ts';
import { liveEventKey } from '../../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import { MINUTE_MS, NOON_MS, openWorkshop } from './story.ts';

type Settings = Parameters<typeof openLiveEventsWorld>[1];
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A world of live events at noon. It shows more than a story does: items, messages, schedules and log lines. */
export async function openScene(settings: Settings = {}) {
  const world = await openLiveEventsWorld(NOON_MS, settings);
  const lines: Parameters<typeof openWorkshop>[1] = [];
  const workshop = openWorkshop(world, lines);
  const runUntil = (minute: number) => world.runUntil(NOON_MS + minute * MINUTE_MS);
  return {
    world,
    workshop,
    /** The room requests, in order. */
    lines,
    runUntil,
    /** Sends messages at a minute after noon, and handles them. */
    async send(minute: number, ...messages: (object | string)[]): Promise<void> {
      await runUntil(minute);
      for (const message of messages)
        world.queue('live-events').send(typeof message === 'string' ? message : JSON.stringify(message));
      await runUntil(minute);
    },
    item: (liveEventId = 'final') => readLiveEventItem(liveEventId, world.liveEvents),
    /** Deletes the schedules whose names end like this. */
    async removeSchedules(ending: string): Promise<void> {
      for (const Name of await world.scheduleNames())
        if (Name.endsWith(ending)) await world.clients.scheduler.send(new DeleteScheduleCommand({ Name }));
    },
    /** The stored item, including the attributes that the handlers do not read. */
    async storedItem(liveEventId = 'final') {
      const Key = liveEventKey(liveEventId);
      const { Item = {} } = await world.clients.dynamodb.send(new GetItemCommand({ TableName: 'rosters', Key }));
      return unmarshall(Item);
    },
    /**
     * Runs an action before every call of this kind whose input matches, as another worker might. If the action fails, the call fails too.
     */
    meanwhile(command: string, matching: RegExp, act: () => Promise<unknown>): void {
      let isBusy = false;
      world.clients.dynamodb.middlewareStack.add(
        (next, context) => async (args) => {
          const isMeant = context.commandName === command && matching.test(JSON.stringify(args.input));
          if (isMeant && !isBusy) {
            isBusy = true;
            try {
              await act();
            } finally {
              isBusy = false;
            }
          }
          return next(args);
        },
        { step: 'initialize' },
      );
    },
    /** The logged outcome of each message about a live event. */
    outcomes: () => world.infos.filter(([text]) => text === 'Live event message handled').map(([, fields]) => fields),
    /** The events of one kind that were published, such as `at-risk`. */
    announced: (kind: string): RosterEvent[] =>
      world.published.map(({ event }) => event).filter(({ type }) => type === `greenroom.roster.${kind}.v1`),
  };
}
