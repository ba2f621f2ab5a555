import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { findDeployment } from '../../../client/deployment.ts';
import type { NowAnswer } from '../../../console/api/now.ts';
import { createLoadHistory } from '../../../console/server/load-history.ts';
import { connectStage } from '../../../console/server/stage-connection.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { type DoctorStage, openDoctorStage, STAGE } from '../../cli/stack/doctor-stage.ts';

let stage: DoctorStage;

beforeAll(async () => {
  stage = await openDoctorStage();
});

beforeEach(() => stage.heal());

afterAll(() => stage.close());

async function readNow(): Promise<NowAnswer> {
  const connection = connectStage(() => findDeployment({ stage: STAGE }));
  try {
    return await createLoadHistory({ stage: connection, clock: systemClock }).read(0);
  } finally {
    await connection.close();
  }
}

test('the load of a deployed stage contains the age of the oldest messages', async () => {
  stage.account.agesOfOldest.set(`greenroom-${STAGE}-interactive`, 95);
  const { oldest, regions } = await readNow();
  // A queue without activity for six hours has no metrics.
  expect(oldest).toEqual({ kind: 'read', queues: [{ queue: 'interactive', seconds: 95 }] });
  expect(regions.map(({ limit }) => limit)).toEqual(regions.map(() => 5));
});

test('without the permission to read metrics, the rest is shown with the reason', async () => {
  stage.account.denied.add('cloudwatch:GetMetricData');
  const { oldest, regions } = await readNow();
  expect(oldest).toEqual({ kind: 'unread', why: expect.stringContaining('AccessDenied') });
  expect(regions).not.toEqual([]);
});
