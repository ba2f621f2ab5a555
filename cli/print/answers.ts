import { completionLine } from '../../client/completion-line.ts';
import { printLines, printNotes } from '../../client/fit-line.ts';
import type { PreparedRequest } from '../../client/prepared-request.ts';
import type { Completion } from '../../lib/contract/completion.ts';

/**
 * How `greenroom send --wait` prints the outcomes: as lines for people, as one completion per line, or as the ARNs of the rooms.
 */
export const OUTPUTS = ['text', 'json', 'arn'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface Answers {
  note(request: PreparedRequest, completion: Completion): void;
  /** Prints what can be printed only when all answers are known: the ARNs in the order of the requests. */
  end(): void;
  readonly failedCount: number;
  /** The counts, for people. */
  summary(openCount: number): string;
}

/**
 * Prints the completions of requests as they arrive, and counts them. A room counts as existing if its outcome was decided before the
 * requests were sent, or has already answered an earlier request of the file.
 * @param sentFromMs when the first request was sent, on AWS's clocks: the clock of this machine may be wrong
 */
export function printAnswers(
  requests: readonly PreparedRequest[],
  { output, sentFromMs }: { output: Output; sentFromMs: () => number },
): Answers {
  const counts = { created: 0, existing: 0, failed: 0 };
  const answered = new Set<string>();
  const arns = new Map<PreparedRequest, string>();

  return {
    note(request, completion) {
      const { id, time, data } = completion;
      const isExisting = answered.has(id) || Date.parse(time) < sentFromMs();
      answered.add(id);
      if (data.outcome === 'failed') counts.failed += 1;
      else {
        counts[isExisting ? 'existing' : 'created'] += 1;
        arns.set(request, data.room.arn);
      }
      if (output === 'json') console.log(JSON.stringify(completion));
      else if (output === 'text') printLines([completionLine(completion, isExisting)]);
      else if (data.outcome === 'failed') printNotes([completionLine(completion)]);
    },
    end() {
      if (output !== 'arn') return;
      for (const arn of requests.flatMap((request) => arns.get(request) ?? [])) console.log(arn);
    },
    get failedCount() {
      return counts.failed;
    },
    summary(openCount) {
      const { created, existing, failed } = counts;
      const split =
        existing === 0 ? '' : ` (${created} new, ${existing} already had ${existing === 1 ? 'its' : 'their'} room)`;
      return `${created + existing} provisioned${split}, ${failed} failed, ${openCount} without an outcome.`;
    },
  };
}
