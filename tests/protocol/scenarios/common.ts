import type { Stage, StageOptions } from '../stage.ts';

/**
 * Scenarios by name. Each shows why a rule is needed: without it, a promise is broken during the scenario or at its end. Comments describe
 * the state before the next step.
 */
export type DirectedScenarios = Record<string, StageOptions & { play(stage: Stage): Promise<void> }>;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** After this time, an earlier lease has ended: the function's timeout, the clock error, and a moment. */
export const LEASE_MS = 91 * SECOND_MS;
/** After this time, nothing that began before can take effect or become visible. */
export const SETTLED_MS = 1_025 * SECOND_MS;

export const HALL = { name: 'hall', tags: { event: 'final' } };
/** Another payload with the same room name, by which rooms are searched for. */
export const OTHER_HALL = { name: 'hall', tags: { event: 'semi-final' } };
export const STUDIO = { name: 'studio' };
