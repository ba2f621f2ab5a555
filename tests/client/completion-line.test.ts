import { expect, test } from '@jest/globals';
import { completionLine, errorText } from '../../client/completion-line.ts';
import { type FailureReason, failedCompletion } from '../../lib/contract/completion.ts';
import { decided } from '../support/ledger-items.ts';

test.each<[FailureReason, string, string]>([
  ['dead-lettered', 'DeadLettered', 'It crashed.'],
  ['expired', 'Expired', 'It crashed.'],
  ['stopped', 'Stopped', 'It crashed.'],
  ['release-due', 'ReleaseDue', 'It crashed.'],
  ['access-denied', 'AccessDeniedException', 'It crashed.'],
  ['refused', 'ValidationException', 'ValidationException: It crashed.'],
  ['not-found', 'ResourceNotFoundException', 'ResourceNotFoundException: It crashed.'],
])('beside the reason %s, the name of the error %s is printed only if it says more', (reason, name, text) => {
  const error = { name, message: 'It crashed.' };
  expect(errorText({ reason, error })).toBe(text);
  const line = completionLine(failedCompletion({ ...decided, reason, error, retryable: true }));
  expect(line.endsWith(`  ${reason}: ${text}`)).toBe(true);
});
