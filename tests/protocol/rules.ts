import type { Cut } from './take-out.ts';

export interface Rule {
  cuts: Cut[];
  takenOut: string;
  scenario: string;
  violation: RegExp;
}
export const RULES: Record<string, Rule> = {
  SETTLE: {
    takenOut: 'the settle time is the longer of effect and visibility, not their sum',
    cuts: [
      {
        file: 'reconcile.ts',
        find: 'intentOf(job) + config.timing.settleMs',
        replacement: 'intentOf(job) + Math.max(config.timing.signatureLifetimeMs, config.timing.listingLagMs)',
      },
    ],
    scenario: 'settle-covers-effect-plus-visibility',
    violation: /^I1: a second room/,
  },
};
