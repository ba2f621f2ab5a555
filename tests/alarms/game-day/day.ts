import { type Deployment, MINUTE_MS } from '../deployment.ts';
import { type Advice, adviceAbout, type Operator } from './guide.ts';
import type { Traffic } from './traffic.ts';

/** How long CloudWatch takes to evaluate enough periods without the effects of a fault. */
const EVALUATION_MS = 15 * MINUTE_MS;

export interface Day {
  world: Deployment;
  operator: Operator;
  traffic: Traffic;
}

/** An alarm did not behave as the operations guide says. */
export class AlarmError extends Error {
  override readonly name = 'AlarmError';
}

/** Lets time pass until an alarm is on. @throws AlarmError if that takes longer than the guide says */
export async function untilOn(alarm: string, { world }: Day): Promise<Advice> {
  const advice = adviceAbout(alarm);
  await untilState(alarm, 'ALARM', advice.withinMinutes * MINUTE_MS, world);
  return advice;
}

/**
 * Lets time pass until an alarm ends.
 * @param words what the guide says about the end of the alarm
 * @param withinMs the time in which the alarm ends according to these words
 * @throws AlarmError if the alarm takes longer to end; Error if the guide says something else
 */
export async function untilOver(alarm: string, words: string, withinMs: number, { world }: Day): Promise<void> {
  const { over } = adviceAbout(alarm);
  if (!over.includes(words)) throw new Error(`The guide says about ${alarm}: ${over}`);
  await untilState(alarm, 'OK', withinMs + EVALUATION_MS, world);
}

async function untilState(alarm: string, state: string, withinMs: number, world: Deployment): Promise<void> {
  const untilMs = world.time.nowMs() + withinMs;
  while (world.alarms.states.get(alarm) !== state) {
    if (world.time.nowMs() >= untilMs)
      throw new AlarmError(`${alarm} is not ${state} after ${withinMs / MINUTE_MS} minutes`);
    await world.run(MINUTE_MS);
  }
}

/**
 * Runs one fault with its remedy.
 * @param alarms the alarms that may notify during this time
 * @throws AlarmError if an alarm is on at the beginning or at the end, or another one has notified
 */
export async function runFault(alarms: readonly string[], day: Day, fault: () => Promise<void>): Promise<void> {
  const { notifications } = day.world.alarms;
  expectQuiet(day);
  const before = notifications.length;
  await fault();
  expectQuiet(day);
  const others = notifications.slice(before).filter(({ alarm }) => !alarms.includes(alarm));
  if (others.length > 0) throw new AlarmError(`Unrelated: ${others.map(({ alarm }) => alarm).join(', ')}`);
}

function expectQuiet({ world }: Day): void {
  const on = [...world.alarms.states].filter(([, state]) => state !== 'OK');
  if (on.length > 0) throw new AlarmError(`On: ${on.map(([alarm]) => alarm).join(', ')}`);
}
