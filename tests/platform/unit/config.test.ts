import { describe, expect, test } from '@jest/globals';
import { ENVIRONMENT } from '../../../bench/live-events/deployed.ts';
import { readConfig, readSweepConfig } from '../../../lib/platform/config.ts';
import { readLiveEventConfig } from '../../../lib/platform/live-event-config.ts';

const good = {
  AWS_REGION: 'eu-west-1',
  GREENROOM_STAGE: 'dev',
  GREENROOM_DEFAULT_REGION: 'eu-west-1',
  GREENROOM_LEDGER_TABLE: 'ledger',
  GREENROOM_PACE_TABLE: 'pace',
  GREENROOM_COMPLETION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:completions',
  GREENROOM_INTERACTIVE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/interactive',
  GREENROOM_BULK_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/bulk',
  GREENROOM_REDRIVE_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/redrive',
  GREENROOM_PARKED_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/parked',
  GREENROOM_ROSTER_SENDER_ROLE_IDS: 'AROASTARTBULKJOB2345,AROASCHEDULELIVEEVEN',
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: '900',
  GREENROOM_LISTING_LAG_SECONDS: '60',
  GREENROOM_CLOCK_ERROR_SECONDS: '30',
  GREENROOM_SEND_WINDOW_SECONDS: '30',
  GREENROOM_CALL_TIMEOUT_SECONDS: '10',
  GREENROOM_POSTPONE_SCHEDULE_SECONDS: '60,300,900,3600',
  GREENROOM_REQUEST_MAX_AGE_SECONDS: '86400',
  GREENROOM_KEY_RETENTION_DAYS: '90',
  GREENROOM_CREATE_ROOM_TPS: '5',
};

describe('the environment of a function', () => {
  test('gives the settle time as the sum of its four parts', () => {
    expect(readConfig(good).timing.settleMs).toBe(1_020_000);
  });

  test('is refused with an error that names every wrong variable', () => {
    const bad = {
      ...good,
      GREENROOM_DEFAULT_REGION: 'eu-north-1',
      GREENROOM_KEY_RETENTION_DAYS: '29',
      GREENROOM_POSTPONE_SCHEDULE_SECONDS: '60,never',
      GREENROOM_LISTING_LAG_SECONDS: '0',
      GREENROOM_LEDGER_TABLE: undefined,
    };
    const names = /DEFAULT_REGION.*LEDGER_TABLE.*LISTING_LAG.*POSTPONE_SCHEDULE.*KEY_RETENTION/s;
    expect(() => readConfig(bad)).toThrow(names);
  });

  test('is refused with Powertools idempotency switched off, because every delivery would create a room', () => {
    expect(() => readConfig({ ...good, POWERTOOLS_IDEMPOTENCY_DISABLED: 'true' })).toThrow(
      /POWERTOOLS_IDEMPOTENCY_DISABLED: must not be set/,
    );
  });

  test.each(['0', '43201', '1.5', ''])('is refused with %s seconds in the postpone schedule', (seconds) => {
    expect(() => readConfig({ ...good, GREENROOM_POSTPONE_SCHEDULE_SECONDS: seconds })).toThrow(/POSTPONE_SCHEDULE/);
  });
});

describe('the environment of the sweeper', () => {
  const sweeper = { ...good, GREENROOM_SWEEP_SAFE_AGE_SECONDS: '1020', GREENROOM_SWEEP_CALLS_PER_SECOND: '1' };

  test('allows deletions only if GREENROOM_SWEEP_DELETE is true', () => {
    expect(readSweepConfig(sweeper).sweep).toEqual({ deletes: false, safeAgeMs: 1_020_000, callsPerSecond: 1 });
    expect(readSweepConfig({ ...sweeper, GREENROOM_SWEEP_DELETE: 'false' }).sweep.deletes).toBe(false);
    expect(readSweepConfig({ ...sweeper, GREENROOM_SWEEP_DELETE: 'true' }).sweep.deletes).toBe(true);
  });

  test.each(['TRUE', '1', 'yes', ''])('is refused with GREENROOM_SWEEP_DELETE "%s"', (text) => {
    expect(() => readSweepConfig({ ...sweeper, GREENROOM_SWEEP_DELETE: text })).toThrow(/GREENROOM_SWEEP_DELETE/);
  });

  test('is refused with a safe age below the settle time', () => {
    expect(() => readSweepConfig({ ...sweeper, GREENROOM_SWEEP_SAFE_AGE_SECONDS: '1019' })).toThrow(
      /GREENROOM_SWEEP_SAFE_AGE_SECONDS: must not be below the settle time/,
    );
  });

  test('is refused without a pace, and without the variables that every function needs', () => {
    const bad = { ...sweeper, GREENROOM_SWEEP_CALLS_PER_SECOND: '0', GREENROOM_LEDGER_TABLE: undefined };
    expect(() => readSweepConfig(bad)).toThrow(/LEDGER_TABLE.*SWEEP_CALLS_PER_SECOND/s);
  });
});

describe('the environment of the scheduler of live events', () => {
  test('gives the default times of events', () => {
    expect(readLiveEventConfig(ENVIRONMENT)).toMatchObject({ defaultLeadMs: 1_800_000, defaultAtRiskMs: 600_000 });
  });

  test('is refused with a check that is not after the opening, and names every other wrong variable too', () => {
    expect(() => readLiveEventConfig({ ...ENVIRONMENT, GREENROOM_AT_RISK_SECONDS: '1800' })).toThrow(
      /GREENROOM_AT_RISK_SECONDS: must be below the lead time/,
    );
    const bad = { ...ENVIRONMENT, GREENROOM_LEAD_TIME_SECONDS: '59', GREENROOM_SCHEDULE_GROUP: 'a b' };
    expect(() => readLiveEventConfig(bad)).toThrow(/SCHEDULE_GROUP.*LEAD_TIME/s);
  });
});
