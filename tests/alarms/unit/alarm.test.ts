import { expect, test } from '@jest/globals';
import { type AlarmState, judge } from '../../../simulation/cloudwatch/alarm.ts';

/** `0`: not breaching, `X`: breaching, `-`: missing. The last character is the latest data point. */
const pointsOf = (text: string) => text.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const RETAINED: AlarmState = 'ALARM';

/**
 * The two tables in which AWS shows how missing data is treated, with the columns MISSING, IGNORE, BREACHING and NOT BREACHING. Both alarms
 * have three evaluation periods: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
test.each<[number, string, AlarmState[]]>([
  [3, '0 - X - X', ['OK', 'OK', 'OK', 'OK']],
  [3, '0 - - - -', ['OK', 'OK', 'OK', 'OK']],
  [3, '- - - - -', ['INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK']],
  [3, '0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [3, '- - - - X', ['INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK']],
  [3, 'X - - - -', ['ALARM', RETAINED, 'ALARM', 'OK']],
  [2, '0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [2, '0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [2, '0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
  [2, '- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
  [2, '- - - - X', ['INSUFFICIENT_DATA', RETAINED, 'ALARM', 'OK']],
])('an alarm that needs %i data points evaluates %s as AWS does', (DatapointsToAlarm, text, states) => {
  const rule = { EvaluationPeriods: 3, DatapointsToAlarm };
  const judged = TREATMENTS.map((TreatMissingData) => judge(pointsOf(text), { ...rule, TreatMissingData }, RETAINED));
  expect(judged).toEqual(states);
});
