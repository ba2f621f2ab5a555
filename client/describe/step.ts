/**
 * Something that happened to a request, or a state that lasts until a certain time. Some steps have no time, because the ledger does not
 * store it.
 */
export interface Step {
  atMs?: number;
  text: string;
  /** What the text means, if it is the reason for a wait. */
  meaning?: string;
}

/**
 * Sorts steps by time. A step without a time stays directly after the step that precedes it. Steps before the first step with a time stay
 * first.
 */
export function inOrderOfTime(steps: readonly Step[]): Step[] {
  const groups: { atMs: number; steps: Step[] }[] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (step.atMs === undefined && last !== undefined) last.steps.push(step);
    else groups.push({ atMs: step.atMs ?? Number.NEGATIVE_INFINITY, steps: [step] });
  }
  return groups.toSorted((a, b) => a.atMs - b.atMs).flatMap((group) => group.steps);
}
