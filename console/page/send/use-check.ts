import { useCallback, useEffect, useState } from 'preact/hooks';
import type { CheckAnswer } from '../../api/requests.ts';
import { change } from '../call.ts';
import { useRead } from '../use-read.ts';

const AFTER_TYPING_MS = 300;

/** The service's assessment of a message. */
export interface Check {
  /** The answer for exactly this message; absent until it arrives. */
  answer?: CheckAnswer;
  /** Why there is no answer. */
  problem?: string;
}

/** Checks a message when it has not changed for a moment. @param body undefined: nothing to check */
export function useCheck(body: string | undefined): Check {
  const [settled, setSettled] = useState<string>();
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(body), AFTER_TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [body]);
  const read = useCallback(
    async () => ({ body: settled, answer: await change<CheckAnswer>('requests/check', { body: settled }) }),
    [settled],
  );
  const { answer, problem } = useRead(settled === undefined ? undefined : read);
  if (problem !== undefined && settled === body) return { problem };
  return answer !== undefined && answer.body === body ? { answer: answer.answer } : {};
}
