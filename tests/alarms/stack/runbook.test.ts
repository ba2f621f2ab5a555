import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { createAlarm, metricsOf } from '../../../simulation/cloudwatch/alarm.ts';
import { asDeployed, compileTemplate, type Deployed } from '../compiled-template.ts';
import { readRunbook } from '../runbook.ts';

let deployed: Deployed;
beforeAll(async () => {
  deployed = await asDeployed(compileTemplate({}).resources);
}, 60_000);

test('every alarm has a section, and every section is about alarms that exist', () => {
  const described = readRunbook().flatMap(({ alarms }) => alarms);
  expect(described.toSorted()).toEqual(Object.keys(deployed.alarms).toSorted());
});

test('a section describes the meaning of the alarm, how to see it, what to do, when it ends, and how soon it notifies', () => {
  for (const { alarms, text, withinMinutes } of readRunbook()) {
    const labels = [...text.matchAll(/^\* \*\*(\w+):\*\*/gm)].map(([, label]) => label);
    expect([alarms[0], ...labels]).toEqual([alarms[0], 'Means', 'See', 'Do', 'Over']);
    expect(/\*\*See:\*\*.*?`/s.test(text.split('* **Do:**')[0] ?? '')).toBe(true);
    expect(withinMinutes).toBeGreaterThan(0);
  }
});

test('an alarm refers to its section by its name', () => {
  const wrong = Object.entries(deployed.alarms).filter(
    ([id, { AlarmDescription }]) => !AlarmDescription.endsWith(` (docs/operations.md, ${id})`),
  );
  expect(wrong.map(([id]) => id)).toEqual([]);
});

test('the guide has the numbers of the alarms and metrics that CloudWatch charges for', () => {
  const [, alarms, metrics] =
    /There are (\d+) alarms on (\d+) metrics/.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
  const all = Object.values(deployed.alarms);
  const counted = all.flatMap((properties) => metricsOf(createAlarm(properties))).length;
  expect([Number(alarms), Number(metrics)]).toEqual([all.length, counted]);
});
