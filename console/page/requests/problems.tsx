import type { Problem } from '../../../lib/contract/problems.ts';

/** Problems of a message, each with the place that it concerns. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul class="trouble" role="alert">
      {problems.map(({ path, message }) => (
        <li key={`${path}\n${message}`}>
          {path && <code>{path}</code>} {message}
        </li>
      ))}
    </ul>
  );
}
