import { LANES, type Lane } from '../../../lib/contract/lanes.ts';
import { isRecord } from '../../../lib/contract/record.ts';
import { FIELDS } from './fields.ts';
import type { Values } from './message-of.ts';

const DRAFT = 'greenroom-console-draft';

/** What the user has entered. It survives a reload of the tab. */
export interface Draft {
  values: Values;
  /** The JSON that the user writes instead of filling in the form. */
  json: string;
  lane: Lane;
}

export type ChangeDraft = (change: Partial<Draft>) => void;

export const NO_DRAFT: Draft = { values: {}, json: '', lane: 'interactive' };

export function keepDraft(draft: Draft): void {
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

/** @param query the query of the address. If it contains another key than the stored draft, the draft is replaced */
export function openDraft({ key, region = '', tenant = '' }: Record<string, string | undefined>): Draft {
  const draft = readDraft();
  if (key === undefined || draft.values.idempotencyKey === key) return draft;
  return { ...NO_DRAFT, values: { idempotencyKey: key, region, tenant } };
}

function readDraft(): Draft {
  const kept: unknown = JSON.parse(sessionStorage.getItem(DRAFT) ?? 'null');
  if (!isRecord(kept) || !isRecord(kept.values)) return NO_DRAFT;
  const { values, json, lane } = kept;
  const texts = FIELDS.flatMap(({ path }): [string, string][] => {
    const text = values[path];
    return typeof text === 'string' ? [[path, text]] : [];
  });
  return {
    values: Object.fromEntries(texts),
    json: typeof json === 'string' ? json : '',
    lane: LANES.find((each) => each === lane) ?? 'interactive',
  };
}
