import type { Cut } from './cut.ts';

/** A rule of the ledger protocol, or a part of one, and how it is shown to be needed. */
export interface Rule {
  /** What the cuts take out, in words. */
  takenOut: string;
  cuts: readonly Cut[];
  /** Keeps every promise with the rule. */
  scenario: string;
  /** The promise that the scenario breaks without it. */
  violation: RegExp;
}

export const SECOND_ROOM = /^I1: a second room/;
export const TWO_IDS = /^I2: .* have different ids/;
