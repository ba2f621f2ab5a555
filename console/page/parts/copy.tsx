import { useState } from 'preact/hooks';

/** A button that copies a text. @param what what it copies, for screen readers */
export function Copy({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  const words = { ready: 'Copy', copied: 'Copied', failed: 'Not copied: the browser refused' }[state];
  return (
    <button type="button" class="quiet" aria-label={state === 'ready' ? `Copy ${what}` : words} onClick={copy}>
      {words}
    </button>
  );
}
