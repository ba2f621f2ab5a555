import type { Worker } from '../../simulation/virtual-time.ts';
import type { CallFate } from '../simulation/faults.ts';

/** What is to happen to a worker at a step: something to the call, or the worker stands still before or after it. */
export type Direction =
  | CallFate
  | { kind: 'pause-before'; pauseMs: number }
  /** The call takes its effect; its answer is met only afterwards. */
  | { kind: 'pause-after'; pauseMs: number };

/** By step (`intent`: the first time) and, if it is not the first time, its number (`intent 2`). */
export type Directions = Record<string, Direction>;

export const crashBefore: Direction = { kind: 'crash-before' };
export const crashAfter: Direction = { kind: 'crash-after' };
export const lostRequest: Direction = { kind: 'lost-request' };
export const lostAnswer: Direction = { kind: 'lost-response' };
export const throttled: Direction = { kind: 'ivschat-error', name: 'ThrottlingException', status: 429 };
export const refused: Direction = {
  kind: 'ivschat-error',
  name: 'ValidationException',
  status: 400,
  members: { reason: 'OTHER' },
};

/** It reaches its service so much later; its sender no longer waits for it then. */
export function late(delayMs: number): Direction {
  return { kind: 'late-effect', delayMs };
}

export function pausedBefore(pauseMs: number): Direction {
  return { kind: 'pause-before', pauseMs };
}

export function pausedAfter(pauseMs: number): Direction {
  return { kind: 'pause-after', pauseMs };
}

/** What the workers of a scenario are directed to, and whether they came there. */
export class Script {
  readonly #parts = new Map<Worker, { directions: Directions; steps: Map<string, number>; met: Set<string> }>();

  give(worker: Worker, directions: Directions): void {
    this.#parts.set(worker, { directions, steps: new Map(), met: new Set() });
  }

  /** The worker comes to a step. */
  at(worker: Worker, step: string): Direction {
    const part = this.#parts.get(worker);
    if (!part) return { kind: 'normal' };
    const times = (part.steps.get(step) ?? 0) + 1;
    part.steps.set(step, times);
    const place = times === 1 ? step : `${step} ${times}`;
    part.met.add(place);
    return part.directions[place] ?? { kind: 'normal' };
  }

  /** Places for which there is a direction and to which its worker never came: the scenario is not the one it tells. */
  unmet(): string[] {
    return [...this.#parts].flatMap(([{ name }, { directions, met }]) =>
      Object.keys(directions)
        .filter((place) => !met.has(place))
        .map((place) => `${name} never came to ${place}`),
    );
  }
}
