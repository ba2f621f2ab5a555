import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SWEEP_POSITION_KEY } from '../../../lib/pace/pace-table.ts';
import { parseSweepState, type RoomCount, type SweepState } from '../../../lib/sweeping/sweep-position.ts';
import { attempt, callAws } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, notChecked, type Observation } from './finding.ts';

/** The sweep is due every hour. A single failed sweep is not reported. */
const OVERDUE_MS = 3 * 3_600_000;
/** A region with many rooms may take several sweeps. */
const OUTDATED_MS = 24 * 3_600_000;
/** No API returns the number of rooms, so the sweep's count may be hours old. The warning must leave time to request a higher quota. */
const NEARLY_REACHED_SHARE = 0.8;

/** Whether the sweep runs, and how near each region is to its quota of rooms according to the sweep's last count. */
export async function checkRooms(stage: ExaminedStage): Promise<Observation[]> {
  const { dynamodb, paceTable } = stage.deployment;
  const read = new GetItemCommand({ TableName: paceTable, Key: SWEEP_POSITION_KEY });
  const { Item } = await callAws('dynamodb:GetItem', () => dynamodb.send(read));
  const notes = parseSweepState(Item);
  const counted = notes.roomCounts.flatMap(({ region, count }) => (count === undefined ? [] : [{ region, count }]));
  const observations = await Promise.all(
    counted.map(({ region, count }) =>
      attempt(`the room quota of ${region}`, () => checkRoomQuota(stage, region, count)),
    ),
  );
  return [...checkSweep(notes, stage), ...checkCounts(notes, stage), ...observations.flat()];
}

function checkSweep({ startedAtMs }: SweepState, { nowMs, isLocal }: ExaminedStage): Observation[] {
  if (startedAtMs === undefined)
    return isLocal
      ? [notChecked('whether the sweep runs', 'the first sweep runs an hour after the start of the embedded stack')]
      : [
          finding(
            'sweep-never-ran',
            'The sweep has never run, so the rooms are not counted and extra rooms are not found',
            'Wait for an hour after the first deployment. If the sweep has not run by then, examine its schedule and the log of sweep-rooms',
          ),
        ];
  if (isLocal || nowMs - startedAtMs <= OVERDUE_MS) return [];
  return [
    finding(
      'sweep-overdue',
      `The last sweep began at ${timeText(startedAtMs)}, although one is due every hour`,
      'Examine the schedule (an EventBridge rule of the stack) and the log of sweep-rooms',
    ),
  ];
}

function checkCounts({ startedAtMs, roomCounts }: SweepState, { nowMs, isLocal }: ExaminedStage): Observation[] {
  if (startedAtMs === undefined || isLocal) return [];
  return roomCounts.flatMap(({ region, count }): Observation[] => {
    if (count === undefined)
      return [notChecked(`the room quota of ${region}`, 'no sweep has listed all of its rooms yet')];
    if (nowMs - count.atMs <= OUTDATED_MS) return [];
    return [
      finding(
        'room-count-outdated',
        `The last complete count of the rooms in ${region} was at ${timeText(count.atMs)}`,
        'Examine the "Swept a region" lines in the log of sweep-rooms: `ended` says why the sweep does not reach the end of the region',
      ),
    ];
  });
}

async function checkRoomQuota(stage: ExaminedStage, region: string, count: RoomCount): Promise<Observation[]> {
  const { rooms: quota } = await stage.quotas(region);
  if (quota === undefined)
    return [
      notChecked(`the room quota of ${region}`, 'Service Quotas lists no "Rooms" quota for IVS Chat in this region'),
    ];
  if (count.rooms < NEARLY_REACHED_SHARE * quota) return [];
  const isReached = count.rooms >= quota;
  const message = `${region} had ${count.rooms} of ${quota} rooms at ${timeText(count.atMs)}${isReached ? ', so it accepts no more rooms' : ''}`;
  const remedy =
    'Delete rooms that are no longer used, or request a higher "Rooms" quota for IVS Chat in Service Quotas';
  return [finding(isReached ? 'room-quota-reached' : 'room-quota-nearly-reached', message, remedy)];
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
