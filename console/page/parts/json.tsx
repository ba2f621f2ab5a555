import { Copy } from './copy.tsx';

/** A JSON document, with a button that copies it. */
export function Json({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <section class="json" aria-label={label}>
      <Copy text={text} what={label} />
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
