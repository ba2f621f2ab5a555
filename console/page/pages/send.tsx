import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type ChangeDraft, keepDraft, openDraft } from '../send/draft.ts';
import { FormMode } from '../send/form-mode.tsx';
import { JsonMode } from '../send/json-mode.tsx';

/** A form for a room request, or a field for a message that the user writes. */
export function SendPage() {
  const { query, route } = useLocation();
  const [draft, setDraft] = useState(() => openDraft(query));
  const change: ChangeDraft = (changed) => {
    const next = { ...draft, ...changed };
    // Not in an effect, because the page might be reloaded before the effect runs.
    keepDraft(next);
    setDraft(next);
  };
  const isJson = query.mode === 'json';
  const setMode = (json: boolean) => {
    const { mode: _, ...others } = query;
    route(`/send?${new URLSearchParams({ ...others, ...(json && { mode: 'json' }) })}`, true);
  };
  return (
    <section>
      <h1>Send a request</h1>
      <Modes isJson={isJson} onChange={setMode} />
      {isJson ? (
        <JsonMode draft={draft} change={change} />
      ) : (
        <FormMode
          draft={draft}
          change={change}
          onEdit={(json) => {
            change({ json });
            setMode(true);
          }}
        />
      )}
    </section>
  );
}

function Modes({ isJson, onChange }: { isJson: boolean; onChange(json: boolean): void }) {
  return (
    <fieldset class="modes">
      <legend>Write the request</legend>
      {[false, true].map((json) => (
        <label key={String(json)}>
          <input type="radio" name="mode" checked={isJson === json} onChange={() => onChange(json)} />
          {json ? 'as JSON, in any envelope' : 'in a form'}
        </label>
      ))}
    </fieldset>
  );
}
