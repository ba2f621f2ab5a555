/** The answer to a call that failed. */
export interface ProblemAnswer {
  /** What is wrong and, if one is known, the remedy. */
  problem: string;
}
