export interface WorldSettings {
  visibilityTimeoutMs?: number;
  /** In addition to the environment of the deployed functions, or in place of it. */
  environment?: Record<string, string>;
  /** How long after its time a schedule fires: up to a minute. Called for each new schedule. */
  scheduleLateMs?: () => number;
  /** How often the function restores missing reminders. Default: only when `rearm` is called, because most tests are about messages. */
  rearmEveryMs?: number;
  /** Draws how long a global index takes to show a change, in milliseconds. Default: immediately. */
  indexLagMs?: () => number;
}
