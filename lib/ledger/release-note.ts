import type { NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type { Change } from './ledger.ts';

/** Attributes that a release is to set, in DynamoDB's native form, or to remove. */
export interface ReleaseNote {
  set?: Readonly<Record<string, NativeAttributeValue>>;
  remove?: readonly string[];
}

/** Both notes in one. What is noted later replaces what was noted before under the same names. */
export function joinNotes(before: ReleaseNote, { set = {}, remove = [] }: ReleaseNote): ReleaseNote {
  const isKept = (name: string) => !(name in set) && !remove.includes(name);
  const stillSet = Object.entries(before.set ?? {}).filter(([name]) => isKept(name));
  return {
    set: { ...Object.fromEntries(stillSet), ...set },
    remove: [...(before.remove ?? []).filter(isKept), ...remove],
  };
}

/** The note as parts of a write to the ledger. */
export function noteParts({ set = {}, remove = [] }: ReleaseNote): Required<Omit<Change, 'condition'>> {
  const entries = Object.entries(set);
  return {
    set: Object.fromEntries(entries.map(([name]) => [name, `:on_release_${name}`])),
    remove,
    values: Object.fromEntries(entries.map(([name, value]) => [`on_release_${name}`, value])),
  };
}
