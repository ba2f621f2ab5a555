import { type Alarm, type AlarmState, createAlarm, stateAt } from '../../simulation/cloudwatch/alarm.ts';
import type { DataPoints } from '../../simulation/cloudwatch/data-points.ts';
import { type Deployed, TOPIC_ARN } from './compiled-template.ts';

/** A notification that an alarm sent to the topic of operators. */
export interface Notification {
  alarm: string;
  state: AlarmState;
  atMs: number;
}

/** Evaluates all alarms of a template. Before the first evaluation all of them are OK. */
export function watchAlarms({ alarms: properties }: Pick<Deployed, 'alarms'>, dataPoints: DataPoints) {
  const alarms = Object.entries(properties).map(([id, each]): [string, Alarm] => [id, createAlarm(each)]);
  const states = new Map<string, AlarmState>(alarms.map(([id]) => [id, 'OK']));
  const notifications: Notification[] = [];

  return {
    states,
    notifications,
    /** "Alarms invoke actions for sustained state changes only": https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
    evaluate(nowMs: number): void {
      for (const [id, alarm] of alarms) {
        const before = states.get(id) ?? 'OK';
        const state = stateAt(alarm, dataPoints, nowMs, before);
        states.set(id, state);
        if (state !== before && actionsFor(state, alarm).includes(TOPIC_ARN))
          notifications.push({ alarm: id, state, atMs: nowMs });
      }
    },
  };
}

function actionsFor(state: AlarmState, { properties }: Alarm): unknown[] {
  switch (state) {
    case 'OK':
      return properties.OKActions;
    case 'ALARM':
      return properties.AlarmActions;
    case 'INSUFFICIENT_DATA':
      return properties.InsufficientDataActions;
  }
}
