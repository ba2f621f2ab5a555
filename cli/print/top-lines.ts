import { ceilingNow, rateNow, slotsAhead } from '../../client/describe/pace-now.ts';
import { bulkDepth, type TimeLeft } from '../../client/describe/time-left.ts';
import { clockText } from '../../client/describe/time-text.ts';
import { alignColumns, fitLine } from '../../client/fit-line.ts';
import { openReasonOf } from '../../client/operate/open-reason.ts';
import type { QueueDepth, RegionPace } from '../../client/operate/region-pace.ts';
import type { StageLoad } from '../../client/operate/stage-load.ts';
import { LANES } from '../../lib/contract/lanes.ts';
import { pausedNow } from '../../lib/pace/operator-settings.ts';
import { durationText } from './bulk-lines.ts';
import { paceJson, rateText } from './pace-lines.ts';
import { releaseLoadJson, releaseLoadLines } from './release-load-lines.ts';

const QUEUE_HEADER = ['queue', 'visible', 'in flight'];
const REGION_HEADER = ['region', 'calls/s', 'limit', 'slots ahead', 'breaker and settings'];

/** The load of a stage for people. @param width the width of the terminal, to which lines are cut; undefined: they are not cut */
export function topLines(load: StageLoad, left: TimeLeft, width?: number): string[] {
  const { atMs, queues, paces } = load;
  const queueRows = queues.map(({ queue, visible, inFlight }) => [queue, String(visible), String(inFlight)]);
  const regionRows = paces.map(({ region, item }) => [
    region,
    rateText(rateNow(item, atMs)),
    rateText(ceilingNow(item)),
    String(slotsAhead(item, atMs)),
    stateTexts({ region, item }, atMs).join(', ') || '-',
  ]);
  return [
    ...alignColumns([QUEUE_HEADER, ...queueRows], [1, 2]),
    '',
    leftText(queues, left),
    '',
    ...alignColumns([REGION_HEADER, ...regionRows], [1, 2, 3]),
    '',
    ...releaseLoadLines(load),
  ].map((line) => fitLine(line, width));
}

/** The same for programs. */
export function topJson(stage: string, load: StageLoad, left: TimeLeft): object {
  const { atMs, queues, paces } = load;
  return {
    stage,
    time: new Date(atMs).toISOString(),
    queues,
    ...(left && { bulkLaneEmpty: { inSeconds: Math.round(left.seconds), estimatedFrom: left.from } }),
    regions: paces.map((pace) => ({ ...paceJson(pace, atMs), slotsAhead: slotsAhead(pace.item, atMs) })),
    ...releaseLoadJson(load),
  };
}

function leftText(queues: readonly QueueDepth[], left: TimeLeft): string {
  if (bulkDepth({ queues: [...queues] }) === 0) return 'The bulk lane is empty.';
  if (left === undefined) return 'The bulk lane is not getting shorter.';
  return `The bulk lane will be empty in about ${durationText(left.seconds)}, judging by ${left.from}.`;
}

function stateTexts({ item }: RegionPace, atMs: number): string[] {
  const { open_until: probeAtMs } = item;
  const probe = probeAtMs !== undefined && probeAtMs > atMs ? `probe at ${clockText(probeAtMs, atMs)}` : 'probe is due';
  const lanes = LANES.flatMap((lane) => {
    const paused = pausedNow(item, lane, atMs);
    const ceiling = item[`${lane}_ceiling`];
    const until = paused?.untilMs === undefined ? '' : ` until ${clockText(paused.untilMs, atMs)}`;
    return [
      ...(paused ? [`${lane} paused${until}`] : []),
      ...(ceiling === undefined ? [] : [`${lane} ≤ ${ceiling}/s`]),
    ];
  });
  return [...(probeAtMs === undefined ? [] : [`open (${openReasonOf(item)}), ${probe}`]), ...lanes];
}
