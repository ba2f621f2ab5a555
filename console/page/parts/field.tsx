import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { problemText } from '../../../lib/contract/problem-text.ts';
import type { Problem } from '../../../lib/contract/problems.ts';

/** The attributes that connect an input with its label and its problems. */
export interface InputProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface FieldProps {
  label: string;
  problems: readonly Problem[];
  children(props: InputProps): ComponentChildren;
}

/** An input with its label, and its problems below it. */
export function Field({ label, problems, children }: FieldProps) {
  const id = useId();
  const hasProblems = problems.length > 0;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-invalid': hasProblems, 'aria-describedby': hasProblems ? `${id}-problems` : undefined })}
      {hasProblems && (
        <ul id={`${id}-problems`} class="problem" role="alert">
          {problems.map((problem) => (
            <li key={problemText(problem)}>{problemText(problem)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
