import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import * as z from 'zod';
import { printable } from '../../client/completion-line.ts';
import { explainError } from '../../client/explain-error.ts';
import { UserError } from '../../client/user-error.ts';
import type { ProblemAnswer } from '../api/problem.ts';

/** Turns an error into an answer that names the problem and, if one is known, the remedy. */
export function answerError(error: Error, context: Context): Response {
  if (error instanceof HTTPException) return error.getResponse();
  const status = error instanceof z.ZodError ? 400 : error instanceof UserError ? 422 : 502;
  const problem = error instanceof z.ZodError ? z.prettifyError(error) : printable(explainError(error));
  return context.json({ problem } satisfies ProblemAnswer, status);
}
