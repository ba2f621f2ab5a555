import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../../lib/contract/live-event-message.ts';

const page = readFileSync('docs/live-events.md', 'utf8');

test('the example of a live event is valid', () => {
  const [, example = ''] = page.match(/```json\n(.*?)```/s) ?? [];
  const nowMs = Date.parse('2026-12-01T00:00:00Z');
  expect(
    parseLiveEventMessage(example, {
      nowMs,
      leadMs: 1_800_000,
      atRiskMs: 600_000,
      releases: false,
      region: 'eu-west-1',
    }),
  ).toMatchObject({
    kind: 'scheduled',
    plan: { startsAtMs: Date.parse('2026-12-18T19:00:00Z') },
    overdue: [],
  });
});

test('every decision record that a document links to exists', () => {
  const links = [...page.matchAll(/\((decisions\/[\w-]+\.md)\)/g)].map(([, path]) => path ?? '');
  expect(links).toHaveLength(9);
  for (const path of links) expect(readFileSync(`docs/${path}`, 'utf8')).toMatch(/^# \d+\. /);
});
