import { capProblems, type Problem } from './problems.ts';
import { cut } from './text.ts';

// AWS documents no maximum length for its error messages. A message on SNS may be at most 256 KiB.
const MAX_NAME_UNITS = 200;
export const MAX_ERROR_MESSAGE_UNITS = 1000;
const MAX_FIELD_MESSAGE_UNITS = 300;
const MAX_FIELDS = 20;

/** The CloudEvents attributes of every event about a key. */
export function cloudEventOf({ stage, timeMs }: { stage: string; timeMs: number }, id: string) {
  return {
    specversion: '1.0',
    id,
    source: `/greenroom/${stage}`,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
  } as const;
}

/** The fields in which an event lists problems. Empty if there are none. */
export function listed(problems: Problem[] | undefined): { problems?: Problem[]; problemsTotal?: number } {
  if (problems === undefined || problems.length === 0) return {};
  const capped = capProblems(problems);
  return { problems: capped.problems, problemsTotal: capped.total };
}

/** An error whose name and message are cut to a size that an event can carry. */
export function cutNamed(
  named: { name: string; message: string },
  maxMessageUnits: number,
): { name: string; message: string } {
  return { name: cut(named.name, MAX_NAME_UNITS), message: cut(named.message, maxMessageUnits) };
}

/** The first of the fields that CreateRoom's error lists, each cut to a size that an event can carry. */
export function cutFields(fields: { name: string; message: string }[]): { name: string; message: string }[] {
  return fields.slice(0, MAX_FIELDS).map((field) => cutNamed(field, MAX_FIELD_MESSAGE_UNITS));
}
