import { ceilingNow, rateNow } from '../../client/describe/pace-now.ts';
import { alignColumns } from '../../client/fit-line.ts';
import { OPEN_REASON_TEXTS, openReasonOf, openReasonsOf } from '../../client/operate/open-reason.ts';
import type { QueueDepth, RegionPace } from '../../client/operate/region-pace.ts';
import { LANES } from '../../lib/contract/lanes.ts';
import { pausedNow } from '../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../lib/pace/pace-item.ts';
import { isDeniedToKeys } from '../../lib/pace/probe.ts';

const HEADER = ['region', 'calls/s', 'limit', 'next slot', 'breaker', 'set by an operator'];

/** The pace of CreateRoom as a table for people: one line per region. */
export function paceLines(paces: readonly RegionPace[], nowMs: number): string[] {
  const rows = paces.map(({ region, item }) => [
    region,
    rateText(rateNow(item, nowMs)),
    rateText(ceilingNow(item)),
    item.free_at > nowMs ? `in ${((item.free_at - nowMs) / 1000).toFixed(1)} s` : 'now',
    breakerText(item, nowMs),
    settingTexts(item, nowMs).join(', ') || '-',
  ]);
  return [...alignColumns([HEADER, ...rows]), ...closedLines(paces)];
}

/** Why regions accept no rooms: what each reason means, and what to do about it. */
function closedLines(paces: readonly RegionPace[]): string[] {
  const lines = openReasonsOf(paces.map(({ item }) => item)).map((reason) => {
    const regions = paces.filter(({ item }) => openReasonOf(item) === reason).map(({ region }) => region);
    const { meaning, remedy } = OPEN_REASON_TEXTS[reason];
    return `${reason} (${regions.join(', ')}): ${meaning}. To do: ${remedy}.`;
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

/** One line per queue of requests. */
export function depthLines(depths: readonly QueueDepth[]): string[] {
  return depths.map(
    ({ queue, visible, inFlight }) =>
      `${queue}: ${visible} visible, ${inFlight} in flight or waiting for their next attempt`,
  );
}

/** The pace of CreateRoom in one region, for programs. Fields that the item does not have are left out. */
export function paceJson({ region, item }: RegionPace, nowMs: number): object {
  return {
    region,
    callsPerSecond: rateNow(item, nowMs),
    ceiling: ceilingNow(item),
    deployedCeiling: item.deployed_ceiling,
    nextSlotAt: timeText(Math.max(nowMs, item.free_at)),
    ...(item.open_until !== undefined && {
      breaker: {
        reason: openReasonOf(item),
        ...(item.opened_at !== undefined && { openedAt: timeText(item.opened_at) }),
        probeAt: timeText(item.open_until),
        openedBy: item.opened_by,
        denied: isDeniedToKeys(item),
      },
    }),
    lanes: LANES.map((lane) => {
      const paused = pausedNow(item, lane, nowMs);
      return {
        lane,
        paused: paused !== undefined,
        ...(paused?.untilMs !== undefined && { pausedUntil: timeText(paused.untilMs) }),
        ceiling: item[`${lane}_ceiling`],
      };
    }),
  };
}

function breakerText(item: PaceItem, nowMs: number): string {
  if (item.open_until === undefined) return 'closed';
  return `open (${openReasonOf(item)}), next probe ${item.open_until > nowMs ? `at ${timeText(item.open_until)}` : 'is due'}`;
}

function settingTexts(item: PaceItem, nowMs: number): string[] {
  const lanes = LANES.flatMap((lane) => {
    const paused = pausedNow(item, lane, nowMs);
    const ceiling = item[`${lane}_ceiling`];
    return [
      ...(paused ? [`${lane} paused${paused.untilMs === undefined ? '' : ` until ${timeText(paused.untilMs)}`}`] : []),
      ...(ceiling === undefined ? [] : [`${lane} at most ${ceiling} calls/s`]),
    ];
  });
  return [...(item.ceiling === undefined ? [] : [`at most ${item.ceiling} calls/s`]), ...lanes];
}

/** A rate with at most two decimals, or a hyphen. */
export function rateText(rate: number | undefined): string {
  return rate === undefined ? '-' : String(Math.round(rate * 100) / 100);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
