import { problemText } from '../../../lib/contract/problem-text.ts';
import type { Problem } from '../../../lib/contract/problems.ts';

/** What the page calls the fields of the message that a move changes. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['startsAt', 'New start'],
  ['endsAt', 'New end'],
  ['releaseAfter', 'Release of the rooms'],
]);

/** A problem of a move, with the labels of the form instead of the field names of the message. */
export function moveProblem({ path, message }: Problem): Problem {
  return { path: WORDS.get(path) ?? path, message };
}

/** The same as text: `New start: is in the past`. */
export function moveProblemText(problem: Problem): string {
  return problemText(moveProblem(problem));
}

const END_PATHS = ['endsAt', 'releaseAfter'];

/** Divides the problems of a move between the two inputs of the form. Problems that belong to neither input are shown beside the start. */
export function moveProblems(problems: readonly Problem[]): { ofStart: Problem[]; ofEnd: Problem[] } {
  const isOfEnd = ({ path }: Problem) => END_PATHS.includes(path);
  return {
    ofStart: problems.filter((each) => !isOfEnd(each)).map(moveProblem),
    ofEnd: problems.filter(isOfEnd).map(moveProblem),
  };
}
