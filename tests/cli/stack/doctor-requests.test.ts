import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FindingName } from '../../../client/operate/doctor/finding.ts';
import { functionKey } from '../../support/fake-aws/account.ts';
import { must } from '../../support/must.ts';
import { type DoctorStage, openDoctorStage } from './doctor-stage.ts';
import { REQUESTED_MISTAKES, REVIEWED_ROOM, requestOf } from './requested-mistakes.ts';

let stage: DoctorStage;

beforeAll(async () => {
  stage = await openDoctorStage();
}, 60_000);
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.heal();
  stage.healRequested();
});

interface Printed {
  healthy: boolean;
  checks: { check: string; findings: { name: FindingName; message: string }[]; notChecked: unknown[] }[];
}

async function doctor(...args: string[]): Promise<Printed & { code: unknown }> {
  const child = stage.greenroom(['doctor', '--stage', 'prod', '--json', ...args]);
  const code = await child.ended;
  if (child.stderr !== '') throw new Error(child.stderr);
  return { code, ...JSON.parse(child.stdout) };
}

const found = ({ checks }: Printed) => checks.flatMap(({ findings }) => findings);

test('a request whose handler and logging configuration can be used has no finding', async () => {
  const report = await doctor('--request', stage.file('good.json', JSON.stringify(requestOf(REVIEWED_ROOM))));
  expect(found(report)).toEqual([]);
  expect(report.checks.flatMap(({ notChecked }) => notChecked)).toEqual([]);
  expect(report).toMatchObject({ code: 0, healthy: true });
  expect(report.checks.map(({ check }) => check)).toContain('review handlers');
});

describe('each mistake of a request is found, by name', () => {
  test.each(REQUESTED_MISTAKES)('$what: $finding', async ({ finding, names, request, make }) => {
    make?.(stage.account);
    const report = await stage.examineRequests([request]);
    expect(report.map(({ name }) => name)).toEqual([finding]);
    expect(report[0]?.message).toContain(names);
  });
});

test('a manifest is examined as well, and each function once', async () => {
  const { messageReviewHandler } = REVIEWED_ROOM;
  must(stage.account.functions.get(functionKey('eu-west-1', 'review'))).policies = {};
  const rows = ['name,messageReviewHandler.uri', `one,${messageReviewHandler.uri}`, `two,${messageReviewHandler.uri}`];
  const report = await doctor('--manifest', stage.file('rooms.csv', rows.join('\n')));
  expect(found(report)).toMatchObject([{ name: 'review-handler-not-permitted' }]);
  expect(report).toMatchObject({ code: 1, healthy: false });
});

test('the finding says what happens to messages that are not reviewed', async () => {
  must(stage.account.functions.get(functionKey('eu-west-1', 'review'))).policies = {};
  const { uri } = REVIEWED_ROOM.messageReviewHandler;
  const messageOf = async (fallbackResult?: string) => {
    const messageReviewHandler = { uri, ...(fallbackResult !== undefined && { fallbackResult }) };
    return (await stage.examineRequests([requestOf({ messageReviewHandler })]))[0]?.message;
  };
  expect(await messageOf()).toContain('all messages are delivered without a review');
  expect(await messageOf('ALLOW')).toContain('all messages are delivered without a review');
  expect(await messageOf('DENY')).toContain('no message is delivered');
});
