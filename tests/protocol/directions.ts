import type { Worker } from '../../simulation/virtual-time.ts';
import type { CallFate } from '../simulation/faults.ts';

/** The event at a step of a worker: something happens to the call, or the worker pauses before or after it. */
export type Direction =
  | CallFate
  | { kind: 'pause-before'; pauseMs: number }
  /** The call takes effect, and the direction applies to its answer. */
  | { kind: 'pause-after'; pauseMs: number };

/** Directions by step: `intent` for the first time, `intent 2` for the second. */
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

/** The call reaches its service this much later, when its sender no longer waits for it. */
export function late(delayMs: number): Direction {
  return { kind: 'late-effect', delayMs };
}

export function pausedBefore(pauseMs: number): Direction {
  return { kind: 'pause-before', pauseMs };
}

export function pausedAfter(pauseMs: number): Direction {
  return { kind: 'pause-after', pauseMs };
}

/** The directions of a scenario's workers, and whether the workers reached them. */
export class Script {
  readonly #parts = new Map<Worker, { directions: Directions; steps: Map<string, number>; met: Set<string> }>();

  give(worker: Worker, directions: Directions): void {
    this.#parts.set(worker, { directions, steps: new Map(), met: new Set() });
  }

  /** Records that a worker has reached a step. @returns the direction for this step */
  at(worker: Worker, step: string): Direction {
    const part = this.#parts.get(worker);
    if (!part) return { kind: 'normal' };
    const times = (part.steps.get(step) ?? 0) + 1;
    part.steps.set(step, times);
    const place = times === 1 ? step : `${step} ${times}`;
    part.met.add(place);
    return part.directions[place] ?? { kind: 'normal' };
  }

  /** The steps with a direction that the worker never reached. The scenario was then not played as described. */
  unmet(): string[] {
    return [...this.#parts].flatMap(([{ name }, { directions, met }]) =>
      Object.keys(directions)
        .filter((place) => !met.has(place))
        .map((place) => `${name} never reached ${place}`),
    );
  }
}
