/** How one scenario ended, played with all rules or without one. */
export interface Ending {
  scenario: string;
  without?: string;
  /** The promise that was broken. */
  violation?: string;
  /** Why the scenario could not be played as it is told. */
  trouble?: string;
}
