import { LANES } from '../../../lib/contract/lanes.ts';
import type { ChangeDraft, Draft } from './draft.ts';

/** The props that both ways of writing a request share. */
export interface ModeProps {
  draft: Draft;
  change: ChangeDraft;
}

/** How many problems must be corrected before Send is enabled. */
export function Count({ count }: { count: number }) {
  return (
    <p role="status">
      {count > 0 && `${count === 1 ? 'One problem: correct it' : `${count} problems: correct them`} before you send.`}
    </p>
  );
}

/** The choice of the lane. */
export function Lanes({ draft, change }: ModeProps) {
  return (
    <div class="field">
      <label for="lane">Lane</label>
      <select
        id="lane"
        value={draft.lane}
        onChange={({ currentTarget }) =>
          change({ lane: LANES.find((each) => each === currentTarget.value) ?? 'interactive' })
        }
      >
        {LANES.map((lane) => (
          <option key={lane}>{lane}</option>
        ))}
      </select>
      <p class="hint">Interactive requests come first. Bulk requests use the rest of the quota.</p>
    </div>
  );
}
