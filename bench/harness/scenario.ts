import type { Table } from './table.ts';

export interface Scenario {
  name: string;
  /** One line for the help. */
  about: string;
  /** @throws the signal's reason when the signal is aborted */
  run(context: ScenarioContext): Promise<Table[]>;
}

export interface ScenarioContext {
  /** The repository. */
  root: string;
  /** How many times each scenario that depends on chance is run. */
  seeds: number;
  /** Replaces a scenario's own number of rooms for a quick run, in which the bounds are not meaningful. */
  rooms?: number;
  /** Whether a scenario that has a short form runs only its short form. */
  isQuick?: boolean;
  signal: AbortSignal;
  /** Reports the progress of a long run. */
  progress(text: string): void;
}
