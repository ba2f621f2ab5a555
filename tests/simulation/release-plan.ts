import type { IndexLag } from '../../emulator/dynamodb/index-lag.ts';
import type { SimulatedService } from './outages.ts';

/** A release command of a scenario. */
export interface ScenarioCommand {
  number: number;
  idempotencyKey: string;
  sentAtMs: number;
  /** `invalid`: a text that is not a time. */
  releaseAt: number | 'now' | 'keep' | 'invalid';
  /** When the wish was made, if the command states it. */
  wishedAtMs?: number | undefined;
  tenant?: string | undefined;
  /** When the command was first sent, if an operator has sent it back. */
  askedAtMs?: number | undefined;
  kind: 'event moved' | 'event cancelled' | 'by a person';
}

/** The part of a scenario that is about releases. */
export interface ReleasePlan {
  commands: ScenarioCommand[];
  /** How likely the faults of the releaser are, compared with the usual probability. */
  intensity: number;
  /** From this time on, the releaser has no faults except outages. */
  calmFromMs: number;
  /** By this time, all release times have passed. */
  lastDueMs: number;
  newRoomLagMs: number;
  indexLag: IndexLag;
  /** When an operator stops and resumes the releases. */
  stop?: { fromMs: number; untilMs: number } | undefined;
  sweepsAtMs: number[];
  /** How many other rooms are due at the same moment, and when. */
  crowd: { count: number; dueAtMs: number };
  /** An outage that begins when the release of a room is decided. */
  outageAtMark?: { service: SimulatedService; lengthMs: number } | undefined;
  /**
   * How long the stage keeps its items, and the probability that DynamoDB removes an expired item within a minute. If absent, no item is
   * removed.
   */
  expiry?: { retentionSeconds: number; removedEachMinute: number } | undefined;
  /** Whether two releasers begin at every minute. Default: by chance, with a distance */
  isAlwaysTwice?: boolean;
}
