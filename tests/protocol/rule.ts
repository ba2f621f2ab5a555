import type { Cut } from './cut.ts';

/** A rule of the ledger protocol, or a part of one, and how it is shown to be needed. */
export interface Rule {
  /** The behaviour without the rule, in words that continue "a promise is broken if". */
  takenOut: string;
  cuts: readonly Cut[];
  /** The scenario, which keeps every promise with the rule. */
  scenario: string;
  /** The promise that the scenario breaks without the rule. */
  violation: RegExp;
}

export const SECOND_ROOM = /^I1: a second room/;
export const TWO_IDS = /^I2: .* have different ids/;
