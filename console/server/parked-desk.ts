import { unseenText } from '../../client/describe/parked-texts.ts';
import type { ParkedMessage } from '../../client/operate/parked-message.ts';
import { readParkedMessages } from '../../client/operate/read-parked-messages.ts';
import { removeParked } from '../../client/operate/remove-parked.ts';
import { DEFAULT_PER_SECOND, sendBack } from '../../client/operate/send-back.ts';
import { typed } from '../../client/typed-command.ts';
import { UserError } from '../../client/user-error.ts';
import type { ParkedAnswer, ParkedLine, ParkedList, ParkedMessageAnswer } from '../api/parked.ts';
import { createParkedActivities, type Doing } from './parked-activity.ts';
import { createKeptMessages, parkedLine } from './parked-list.ts';
import type { StageParts } from './stage-parts.ts';

/** The parked messages as the last reading found them, and what is being done with them. */
export interface ParkedDesk {
  /** @param version the version of the list that the page already has */
  state(version: number): ParkedAnswer;
  /** Begins to read the queue, unless a reading is already running. @throws UserError if another activity is running */
  read(): void;
  /** @throws UserError if the last reading did not find it, or it did not fit into memory */
  message(id: string): ParkedMessageAnswer;
  /** Begins to send messages back. @param neededBy ISO 8601 @throws UserError if another activity is running */
  redrive(ids: ReadonlySet<string>, neededBy?: string): void;
  /** Begins to discard messages. @throws UserError if one of them may not be discarded, or if another activity is running */
  discard(ids: ReadonlySet<string>): void;
  stop(): void;
  /** The messages that this console has discarded, as far as they fit into memory. */
  discarded(): ParkedMessage[];
  /** Resolves when no activity is running. After the console's signal was aborted, the messages are then visible again. */
  ended(): Promise<void>;
}

const NO_SPACE =
  'The other messages were not discarded, because the console has no space for more copies. Save the copies, and start the console again.';
const NOT_VISIBLE = 'It is no longer visible: read the queue again.';

/** @param discarded the messages that this console has discarded */
export function createParkedDesk(context: StageParts, discarded = createKeptMessages()): ParkedDesk {
  const { clock } = context;
  const activities = createParkedActivities(context);
  let kept = createKeptMessages();
  let list: ParkedList | undefined;
  let version = 0;

  function replaceList(next: ParkedList): void {
    list = next;
    // A tab that was opened with an earlier console must not mistake that console's list for this one.
    version = Math.max(version + 1, clock.nowMs());
  }

  function takeFromList(ids: ReadonlySet<string>): void {
    if (list !== undefined && ids.size > 0)
      replaceList({ ...list, messages: list.messages.filter(({ id }) => !ids.has(id)) });
  }

  async function read({ deployment, progress, note, ...settings }: Doing): Promise<void> {
    const found = createKeptMessages();
    const messages: ParkedLine[] = [];
    const unseenCount = await readParkedMessages(deployment, settings, (parked, approximateCount) => {
      messages.push(parkedLine(parked, deployment.stage));
      found.keep(parked);
      Object.assign(progress, { done: messages.length, total: Math.max(approximateCount, messages.length) });
    });
    if (unseenCount > 0) note(unseenText(unseenCount));
    kept = found;
    messages.sort((one, other) => other.parkedAtMs - one.parkedAtMs);
    replaceList({ readAtMs: clock.nowMs(), messages, unseenCount });
  }

  async function redrive(doing: Doing, ids: ReadonlySet<string>, neededBy: string | undefined): Promise<void> {
    const { deployment, progress, signal, onStillHidden, fail } = doing;
    const settings = { perSecond: DEFAULT_PER_SECOND, clock, signal, onStillHidden, ...(neededBy && { neededBy }) };
    const unseen = new Set(ids);
    const gone = new Set<string>();
    try {
      for await (const { parked, sent, problem } of sendBack(deployment, ids, settings)) {
        unseen.delete(parked.id);
        if (sent) progress.done += 1;
        if (problem !== undefined) fail(parked.id, problem);
        else gone.add(parked.id);
      }
      for (const id of unseen) fail(id, NOT_VISIBLE);
    } finally {
      takeFromList(gone);
    }
  }

  async function discard(doing: Doing, ids: ReadonlySet<string>): Promise<void> {
    const { deployment, progress, signal, onStillHidden, fail } = doing;
    const gone = new Set<string>();
    const keep = (parked: ParkedMessage) => {
      if (!discarded.keep(parked)) throw new UserError(NO_SPACE);
    };
    try {
      for await (const removed of removeParked(deployment, ids, { signal, onStillHidden, keep })) {
        gone.add(removed.id);
        progress.done += 1;
      }
      for (const id of ids) if (!gone.has(id)) fail(id, NOT_VISIBLE);
    } finally {
      takeFromList(gone);
    }
  }

  return {
    state: (known) => ({
      version,
      discardedCount: discarded.all().length,
      ...(list !== undefined && known !== version && { list }),
      ...(activities.running !== undefined && { running: activities.running }),
      ...(activities.last !== undefined && { last: activities.last }),
    }),
    read() {
      if (activities.running?.kind !== 'read') activities.begin('read', 0, read);
    },
    message: (id) => wholeMessage(id, list, kept.get(id)),
    redrive: (ids, neededBy) => activities.begin('redrive', ids.size, (doing) => redrive(doing, ids, neededBy)),
    discard(ids) {
      const refused = list?.messages.filter(({ id, keptBecause }) => ids.has(id) && keptBecause !== undefined) ?? [];
      if (refused.length > 0)
        throw new UserError(
          `Nothing was discarded. ${refused.map(({ id, keptBecause = '' }) => `${id}: ${keptBecause}`).join(' ')}`,
        );
      activities.begin('discard', ids.size, (doing) => discard(doing, ids));
    },
    stop: activities.stop,
    discarded: discarded.all,
    ended: activities.ended,
  };
}

function wholeMessage(
  id: string,
  list: ParkedList | undefined,
  message: ParkedMessage | undefined,
): ParkedMessageAnswer {
  const line = list?.messages.find((each) => each.id === id);
  if (line === undefined) throw new UserError('The last reading found no message with this id: read the queue again.');
  if (message === undefined)
    throw new UserError(
      `The messages do not all fit into the memory of the console. To show this one, run ${typed(`parked show ${id}`)}`,
    );
  return { ...line, message };
}
