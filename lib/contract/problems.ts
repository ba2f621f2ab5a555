import * as z from 'zod/mini';
import './english.ts';
import { nearest } from './nearest.ts';
import { cut } from './text.ts';

/** One problem of a message: its path (`''` is the whole message), and how to correct it. */
export interface Problem {
  path: string;
  message: string;
}

// 100 problems of this size take at most about 150 kB in UTF-8. SNS accepts 256 KiB for the whole event.
const MAX_PROBLEMS = 100;
const MAX_PATH_UNITS = 200;
const MAX_MESSAGE_UNITS = 300;

/**
 * All problems of a rejected value, without duplicates and with the messages of the schema. Each unknown field is one problem, which names
 * the field that was probably meant.
 */
export function problemsOf(error: z.core.$ZodError, schema: z.core.$ZodType): Problem[] {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: pathText(issue.path), message: issue.message }];
    const known = fieldsAt(schema, issue.path);
    return issue.keys.map((key, index) => {
      // A message may have a hundred thousand unknown fields, but only its first problems are shown.
      const meant = index < MAX_PROBLEMS ? nearest(key, known) : undefined;
      const remedy = meant === undefined ? 'remove it' : `did you mean "${meant}"?`;
      return { path: pathText([...issue.path, key]), message: `is not a known field: ${remedy}` };
    });
  });
  return [...new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem])).values()];
}

/** The first 100 problems, each cut to a size that an event can carry, and the total number of problems. */
export function capProblems(problems: Problem[]): { problems: Problem[]; total: number } {
  return {
    problems: problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
      path: cut(path, MAX_PATH_UNITS),
      message: cut(message, MAX_MESSAGE_UNITS),
    })),
    total: problems.length,
  };
}

/** The names of the fields of the object at a path. */
function fieldsAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodMiniExactOptional) return fieldsAt(schema.def.innerType, path);
  if (schema instanceof z.ZodMiniArray) return fieldsAt(schema.def.element, path.slice(1));
  if (!(schema instanceof z.ZodMiniObject)) return [];
  const [step] = path;
  return step === undefined ? Object.keys(schema.shape) : fieldsAt(schema.shape[String(step)], path.slice(1));
}

/** A path as people write it, such as `rooms[0].name`. */
export function pathText(path: PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const name = String(step);
    if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
