import type { DirectedScenarios } from './scenarios/common.ts';
import { DELETION_SCENARIOS } from './scenarios/deletion-scenarios.ts';
import { GENERATION_SCENARIOS } from './scenarios/generation-scenarios.ts';
import { LISTING_SCENARIOS } from './scenarios/listing-scenarios.ts';
import { OUTCOME_SCENARIOS } from './scenarios/outcome-scenarios.ts';
import { OWNERSHIP_SCENARIOS } from './scenarios/ownership-scenarios.ts';
import { RELEASE_SCENARIOS } from './scenarios/release-scenarios.ts';
import { RESTORE_SCENARIOS } from './scenarios/restore-scenarios.ts';
import { WAITING_SCENARIOS } from './scenarios/waiting-scenarios.ts';
import { WISH_SCENARIOS } from './scenarios/wish-scenarios.ts';

/** All directed scenarios of the ledger protocol and of the release protocol. */
export const SCENARIOS: DirectedScenarios = {
  ...WAITING_SCENARIOS,
  ...LISTING_SCENARIOS,
  ...OWNERSHIP_SCENARIOS,
  ...OUTCOME_SCENARIOS,
  ...DELETION_SCENARIOS,
  ...RESTORE_SCENARIOS,
  ...RELEASE_SCENARIOS,
  ...WISH_SCENARIOS,
  ...GENERATION_SCENARIOS,
};
