import type { Problem } from '../../../lib/contract/problems.ts';
import type { Field } from './fields.ts';

interface FormFieldProps {
  field: Field;
  value: string;
  problems: readonly Problem[];
  onChange(value: string): void;
}

/** A field with its label, its hint and its problems. */
export function FormField({ field, value, problems, onChange }: FormFieldProps) {
  const { path, label, hint } = field;
  const id = `field-${path}`;
  const described = [hint && `${id}-hint`, problems.length > 0 && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <Control
        field={field}
        id={id}
        value={value}
        aria-describedby={described === '' ? undefined : described}
        aria-invalid={problems.length > 0}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problems.length > 0 && (
        <ul class="problem" id={`${id}-problem`}>
          {problems.map((problem) => (
            <li key={`${problem.path}\n${problem.message}`}>{withinField(problem, path)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ControlProps {
  field: Field;
  id: string;
  value: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  onInput(event: { currentTarget: { value: string } }): void;
}

function Control({ field: { kind, choices = [], otherwise }, ...rest }: ControlProps) {
  if (kind === 'choice')
    return (
      <select {...rest}>
        <option value="">{otherwise}</option>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  if (kind === 'lines' || kind === 'pairs' || kind === 'json')
    return <textarea {...rest} rows={3} spellcheck={false} />;
  if (kind === 'time') return <input {...rest} type="datetime-local" step="1" />;
  return <input {...rest} inputMode={kind === 'number' ? 'numeric' : 'text'} autocomplete="off" spellcheck={false} />;
}

/** If a problem concerns only a part of the field, such as one tag, the text names that part. */
function withinField({ path, message }: Problem, field: string): string {
  return path === field ? message : `${path.slice(field.length).replace(/^\./, '')}: ${message}`;
}
