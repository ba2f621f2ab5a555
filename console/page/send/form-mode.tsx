import type { Problem } from '../../../lib/contract/problems.ts';
import { Json } from '../parts/json.tsx';
import { Problems } from '../requests/problems.tsx';
import { NO_DRAFT } from './draft.ts';
import { FIELDS, type Field, GROUPS } from './fields.ts';
import { FormField } from './form-field.tsx';
import { formProblems, messageOf, type Values } from './message-of.ts';
import { SendButton } from './send-button.tsx';
import { Count, Lanes, type ModeProps } from './side.tsx';
import { useCheck } from './use-check.ts';

/** The form, and the message that it describes. @param props.onEdit edits the message itself */
export function FormMode({ draft, change, onEdit }: ModeProps & { onEdit(json: string): void }) {
  const { values } = draft;
  const isEmpty = Object.values(values).every((text) => text === '');
  const body = messageOf(values);
  const check = useCheck(isEmpty ? undefined : body);
  const own = formProblems(values);
  const problems = [...own, ...(check.answer?.problems ?? [])];
  const others = problems.filter(({ path }) => !FIELDS.some((field) => concerns(field, path)));
  return (
    <div class="columns">
      <Groups
        values={values}
        problems={problems}
        onChange={(path, text) => change({ values: { ...values, [path]: text } })}
      />
      <div>
        <Lanes draft={draft} change={change} />
        <Count count={problems.length} />
        <Problems problems={others} />
        <SendButton body={body} lane={draft.lane} check={check} hasOwnProblems={own.length > 0} />
        <h2>The message</h2>
        <Json value={body} label="the message" />
        <p class="buttons">
          <button type="button" onClick={() => onEdit(body)}>
            Edit this JSON
          </button>
          <button type="button" disabled={isEmpty} onClick={() => change(NO_DRAFT)}>
            Clear the form
          </button>
        </p>
      </div>
    </div>
  );
}

interface GroupsProps {
  values: Values;
  problems: readonly Problem[];
  onChange(path: string, text: string): void;
}

function Groups({ values, problems, onChange }: GroupsProps) {
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      {GROUPS.map(({ title, fields }) => (
        <fieldset key={title} class="panel">
          <legend>{title}</legend>
          <div class="fields">
            {fields.map((field) => (
              <FormField
                key={field.path}
                field={field}
                value={values[field.path] ?? ''}
                problems={problems.filter(({ path }) => concerns(field, path))}
                onChange={(text) => onChange(field.path, text)}
              />
            ))}
          </div>
        </fieldset>
      ))}
    </form>
  );
}

/** A problem of the whole room does not belong to a single field. */
function concerns({ path: field }: Field, path: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
