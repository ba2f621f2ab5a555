import { type Completion, completionSchema } from '../../lib/contract/completion.ts';
import { type ReleaseEvent, releaseEventSchema } from '../../lib/contract/release-event.ts';

/** Something that was published. */
interface Published {
  body: string;
}

const COMPLETIONS = ['greenroom.room.provisioned.v1', 'greenroom.room.failed.v1'];

/** What was published is read once, because every check looks at all of it. */
const read = new WeakMap<Published, Completion | ReleaseEvent>();

function eventOf(published: Published): Completion | ReleaseEvent {
  const known = read.get(published) ?? parse(JSON.parse(published.body));
  read.set(published, known);
  return known;
}

function parse(event: { type: string }): Completion | ReleaseEvent {
  return COMPLETIONS.includes(event.type) ? completionSchema.parse(event) : releaseEventSchema.parse(event);
}

function isCompletion(event: Completion | ReleaseEvent): event is Completion {
  return COMPLETIONS.includes(event.type);
}

/** The completions among what was published, in the order of publication. The other events are about releases. */
export function completionsAmong(published: readonly Published[]): Completion[] {
  return published.map(eventOf).filter(isCompletion);
}

/** The events about releases among what was published, in the order of publication. */
export function releaseEventsAmong(published: readonly Published[]): ReleaseEvent[] {
  return published.map(eventOf).filter((event) => !isCompletion(event));
}
