import type { NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type { Change } from './ledger.ts';

/** Attributes that a release sets (to JavaScript values) or removes. */
export interface ReleaseNote {
  set?: Readonly<Record<string, NativeAttributeValue>>;
  remove?: readonly string[];
}

/** Joins two notes. If both change an attribute, the later note counts. */
export function joinNotes(before: ReleaseNote, { set = {}, remove = [] }: ReleaseNote): ReleaseNote {
  const isKept = (name: string) => !(name in set) && !remove.includes(name);
  const stillSet = Object.entries(before.set ?? {}).filter(([name]) => isKept(name));
  return {
    set: { ...Object.fromEntries(stillSet), ...set },
    remove: [...(before.remove ?? []).filter(isKept), ...remove],
  };
}

/** A note as parts of a write to the ledger. */
export function noteParts({ set = {}, remove = [] }: ReleaseNote): Required<Omit<Change, 'condition'>> {
  const entries = Object.entries(set);
  return {
    set: Object.fromEntries(entries.map(([name]) => [name, `:on_release_${name}`])),
    remove,
    values: Object.fromEntries(entries.map(([name, value]) => [`on_release_${name}`, value])),
  };
}
