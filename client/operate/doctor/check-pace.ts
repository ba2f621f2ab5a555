import { LANES } from '../../../lib/contract/lanes.ts';
import { pausedNow } from '../../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../../lib/pace/pace-item.ts';
import { typed } from '../../typed-command.ts';
import { OPEN_REASON_TEXTS, openReasonOf } from '../open-reason.ts';
import { DOCUMENTED_CALLS_PER_SECOND, type RegionPace } from '../region-pace.ts';
import { attemptEach, NotCheckedError } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';
import { listOtherStages } from './other-stages.ts';

/** Whether a region is closed, is paused or has a rate above its quota, according to the pace table. */
export async function checkPaces(stage: ExaminedStage): Promise<Observation[]> {
  const paces = await stage.paces(stage.deployment.paceTable);
  const observations = await Promise.all(
    paces.map(async (pace) => [...checkBreaker(pace), ...checkPauses(pace, stage), ...(await checkRate(pace, stage))]),
  );
  return observations.flat();
}

/** Whether all stages of the account and region together stay within the quota. */
export async function checkOtherStages(stage: ExaminedStage): Promise<Observation[]> {
  const { paceTable } = stage.deployment;
  const own = await stage.paces(paceTable);
  const others = await listOtherStages(stage);
  const rates = new Map(
    own.map(({ region, item }) => [region, [{ stage: stage.deployment.stage, rate: rateOf(item) }]]),
  );
  const unread = await attemptEach(
    others,
    ({ stage: name }) => `the rates of the stage ${name}`,
    async (other) => {
      for (const { region, item } of await stage.paces(other.paceTable))
        rates.get(region)?.push({ stage: other.stage, rate: rateOf(item) });
      return [];
    },
  );
  const sums = await Promise.all(
    [...rates].map(async ([region, ofStages]) => {
      const known = ofStages.flatMap(({ stage: name, rate }) => (rate === undefined ? [] : [{ name, rate }]));
      const sum = known.reduce((total, { rate }) => total + rate, 0);
      const quota = await createRoomQuota(stage, region);
      if (known.length < 2 || sum <= quota) return [];
      const parts = known.map(({ name, rate }) => `${name} ${rate}`).join(', ');
      return [
        finding(
          'rates-of-stages-above-quota',
          `The stages of this account may make ${sum} CreateRoom calls a second in ${region} (${parts}), but IVS Chat allows ${quota}`,
          `Divide the quota: deploy each stage with its share as createRoomTps, or use ${typed('pace rate')}`,
        ),
      ];
    }),
  );
  return [...unread, ...sums.flat()];
}

function checkBreaker({ region, item }: RegionPace): Observation[] {
  const reason = openReasonOf(item);
  if (reason === undefined || item.open_until === undefined) return [];
  const { meaning, remedy } = OPEN_REASON_TEXTS[reason];
  const since = item.opened_at === undefined ? '' : ` since ${timeText(item.opened_at)}`;
  return [
    finding(
      'breaker-open',
      `${region} accepts no rooms${since}: ${meaning} (${reason}). The next scheduled probe is at ${timeText(item.open_until)}`,
      `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}. The breaker closes by itself`,
    ),
  ];
}

function checkPauses({ region, item }: RegionPace, { nowMs, deployment }: ExaminedStage): Observation[] {
  return LANES.flatMap((lane) => {
    const paused = pausedNow(item, lane, nowMs);
    if (paused === undefined) return [];
    const until = paused.untilMs === undefined ? 'until an operator resumes it' : `until ${timeText(paused.untilMs)}`;
    return [
      finding(
        'lane-paused',
        `The ${lane} lane is paused in ${region} ${until}`,
        typed(`pace resume ${region} --lane ${lane} --stage ${deployment.stage}`),
      ),
    ];
  });
}

async function checkRate({ region, item }: RegionPace, stage: ExaminedStage): Promise<Observation[]> {
  const rate = rateOf(item);
  const quota = await createRoomQuota(stage, region);
  if (rate === undefined || rate <= quota) return [];
  const isOperators = item.ceiling !== undefined;
  return [
    finding(
      'rate-above-quota',
      `The stage may make ${rate} CreateRoom calls a second in ${region}, but IVS Chat allows ${quota}: calls are throttled`,
      isOperators
        ? typed(`pace rate ${quota} ${region} --stage ${stage.deployment.stage}`)
        : `Deploy with createRoomTps of at most ${quota}`,
    ),
  ];
}

/** The quota in Service Quotas, or the documented quota if it is not listed or cannot be read. `checkRooms` reports the reason. */
async function createRoomQuota(stage: ExaminedStage, region: string): Promise<number> {
  try {
    return (await stage.quotas(region)).createRoomCallsPerSecond ?? DOCUMENTED_CALLS_PER_SECOND;
  } catch (error) {
    if (error instanceof NotCheckedError) return DOCUMENTED_CALLS_PER_SECOND;
    throw error;
  }
}

/** Undefined if no worker has made a call in the region. */
function rateOf({ ceiling, deployed_ceiling }: PaceItem): number | undefined {
  return ceiling ?? deployed_ceiling;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
