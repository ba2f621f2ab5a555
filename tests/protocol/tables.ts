import { RELEASE_CONTROLS } from './release-controls.ts';
import { RELEASE_RULES } from './release-rules.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { WRONG_IMPLEMENTATIONS } from './wrong-implementations.ts';

/** The rules and the wrong implementations of each protocol. */
export const TABLES = {
  ledger: { ...RULES, ...WRONG_IMPLEMENTATIONS },
  release: { ...RELEASE_RULES, ...RELEASE_CONTROLS },
} satisfies Record<string, Record<string, Rule>>;
