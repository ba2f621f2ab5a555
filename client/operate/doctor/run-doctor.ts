import type { Deployment } from '../../deployment.ts';
import { attempt } from './call-aws.ts';
import { checkPermissions, gainAccess } from './check-access.ts';
import { checkAlarms } from './check-alarms.ts';
import { checkBucket, checkRosterSubscription } from './check-deliveries.ts';
import { checkConcurrency, checkFunctions, checkMappings } from './check-functions.ts';
import { checkLogging } from './check-logging.ts';
import { checkOtherStages, checkPaces } from './check-pace.ts';
import { checkQueuePolicies, checkQueues } from './check-queues.ts';
import { checkReleases } from './check-releases.ts';
import { checkReviewHandlers } from './check-review-handlers.ts';
import { checkRooms } from './check-rooms.ts';
import { checkRules } from './check-rules.ts';
import { checkStack } from './check-stack.ts';
import { checkTables } from './check-tables.ts';
import { openDoctorClients } from './clients.ts';
import { type ExaminedStage, examine } from './examined-stage.ts';
import type { Observation } from './finding.ts';
import type { RequestedRooms } from './requested-rooms.ts';

/** One check and its observations. A check without observations has passed. */
export interface CheckResult {
  check: string;
  observations: Observation[];
}

export interface DoctorReport {
  stage: string;
  region: string;
  /** Undefined if the stage cannot be examined. */
  account: string | undefined;
  caller: string | undefined;
  results: CheckResult[];
}

type Check = (stage: ExaminedStage) => Promise<Observation[]>;

const CHECKS: [string, Check][] = [
  ['permissions', checkPermissions],
  ['stack', checkStack],
  ['functions', checkFunctions],
  ['event source mappings', checkMappings],
  ['concurrency', checkConcurrency],
  ['schedules and event rules', checkRules],
  ['queues', checkQueues],
  ['queue policies', checkQueuePolicies],
  ['manifest bucket', checkBucket],
  ['roster subscription', checkRosterSubscription],
  ['tables', checkTables],
  ['alarms', checkAlarms],
  ['pace and breakers', checkPaces],
  ['other stages', checkOtherStages],
  ['releases', checkReleases],
  ['rooms and quotas', checkRooms],
];

/**
 * Examines a stage without changing anything. The calls to IVS Chat take no slots.
 * @param requested the resources to which the rooms of the user's file refer; undefined if the user passed no file
 * @throws network errors
 */
export async function runDoctor(
  deployment: Deployment,
  { nowMs, requested }: { nowMs: number; requested?: RequestedRooms },
): Promise<DoctorReport> {
  const { stage, region } = deployment;
  const clients = await openDoctorClients(deployment);
  try {
    const access = await gainAccess(deployment, clients);
    if (access.kind === 'refused') {
      const results = [{ check: 'access', observations: [access.finding] }];
      return { stage, region, account: undefined, caller: undefined, results };
    }
    const examined = examine(deployment, clients, { arn: access.arn, nowMs });
    const results = checksFor(requested).map(async ([check, run]) => ({
      check,
      observations: await attempt(check, () => run(examined)),
    }));
    return { stage, region, account: examined.account, caller: access.caller, results: await Promise.all(results) };
  } finally {
    clients.close();
  }
}

function checksFor(requested: RequestedRooms | undefined): [string, Check][] {
  return requested === undefined ? CHECKS : [...CHECKS, ...requestChecks(requested)];
}

/** The checks of the resources to which the rooms of a file refer. */
export function requestChecks(requested: RequestedRooms): [string, Check][] {
  return [
    ['requests', async () => requested.invalid],
    ['review handlers', (stage) => checkReviewHandlers(requested.handlers, stage)],
    ['logging configurations', (stage) => checkLogging(requested.loggingConfigurations, stage)],
  ];
}
