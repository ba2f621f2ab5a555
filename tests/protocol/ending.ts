/** How one scenario ended, played with all rules or without one. */
export interface Ending {
  scenario: string;
  without?: string;
  /** The broken promise. */
  violation?: string;
  /** Why the scenario could not be played as described. */
  trouble?: string;
}
