import type { Table } from './table.ts';

export interface Scenario {
  name: string;
  /** One line for the help. */
  about: string;
  /** @throws the signal's reason when it is aborted */
  run(context: ScenarioContext): Promise<Table[]>;
}

export interface ScenarioContext {
  /** The repository. */
  root: string;
  /** How often a scenario that depends on chance is repeated. */
  seeds: number;
  /** In place of a scenario's own number of rooms: for a quick look, where bounds mean little. */
  rooms?: number;
  signal: AbortSignal;
  /** Tells how far a long run is. */
  progress(text: string): void;
}
