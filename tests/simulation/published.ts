import { type Completion, completionSchema } from '../../lib/contract/completion.ts';

const COMPLETIONS = ['greenroom.room.provisioned.v1', 'greenroom.room.failed.v1'];

/** The completions among what was published, in the order of publication. The other events are about releases. */
export function completionsAmong(published: readonly { body: string }[]): Completion[] {
  return published
    .map(({ body }) => JSON.parse(body))
    .filter(({ type }) => COMPLETIONS.includes(type))
    .map((event) => completionSchema.parse(event));
}
