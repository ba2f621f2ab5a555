import { Problems } from '../requests/problems.tsx';
import { SendButton } from './send-button.tsx';
import { Count, Lanes, type ModeProps } from './side.tsx';
import { useCheck } from './use-check.ts';

/** A field for a message that the user writes. */
export function JsonMode({ draft, change }: ModeProps) {
  const { json } = draft;
  const check = useCheck(json.trim() === '' ? undefined : json);
  const problems = check.answer?.problems ?? [];
  return (
    <div class="columns">
      <div class="field">
        <label for="json">Message</label>
        <textarea
          id="json"
          class="mono"
          rows={24}
          spellcheck={false}
          value={json}
          aria-describedby="json-hint"
          aria-invalid={problems.length > 0}
          onInput={({ currentTarget }) => change({ json: currentTarget.value })}
        />
        <p class="hint" id="json-hint">
          A room request or a release command: bare, or in an EventBridge event, a CloudEvent or an SNS notification. It
          is sent exactly as it is here.
        </p>
      </div>
      <div>
        <Lanes draft={draft} change={change} />
        <Count count={problems.length} />
        <Problems problems={problems} />
        <SendButton body={json} lane={draft.lane} check={check} hasOwnProblems={false} />
      </div>
    </div>
  );
}
