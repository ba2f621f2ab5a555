import { describe, expect, test } from '@jest/globals';
import { failedCompletion } from '../../lib/contract/completion.ts';
import { judgeItem } from '../../lib/ledger/judge-item.ts';
import { decided, failedItem, roomItem, undecidedItem } from '../support/ledger-items.ts';

const LEASE_END = 5_000;
const DECIDED_AT = 9_000;
const same = { payloadHash: 'p1', sentAtMs: DECIDED_AT };
const other = { payloadHash: 'p2', sentAtMs: DECIDED_AT };
const later = DECIDED_AT + 1;

const undecided = undecidedItem({ payload_hash: 'p1', lease_end: LEASE_END, generation: 2 });
const room = roomItem({ payload_hash: 'p1', lease_end: LEASE_END, generation: 2 });
const failed = failedItem({
  payload_hash: 'p1',
  lease_end: LEASE_END,
  decided_at: DECIDED_AT,
  version: 7,
  generation: 2,
});

const busy = { kind: 'busy', leaseEndMs: LEASE_END, mayHaveRoom: false };
const keyReused = { kind: 'key-reused', claimId: 'claim' };
const completed = { status: 'COMPLETED' } as const;

describe('an item that is in progress', () => {
  test.each([
    ['undecided, same payload: busy', undecided, same, busy],
    [
      'undecided, with an intent: busy, and may have a room',
      { ...undecided, create_started_at: 1 },
      same,
      { ...busy, mayHaveRoom: true },
    ],
    ['undecided, another payload: key reused (rule OWNER)', undecided, other, keyReused],
    ['undecided, another payload that was sent later: key reused', undecided, { ...other, sentAtMs: later }, keyReused],
    ['decided room, same payload: busy', room, same, busy],
    ['decided room, another payload: key reused', room, other, keyReused],
    ['decided failed, same payload: busy', failed, same, busy],
    ['decided failed, another payload: busy until the failure is completed (rule FINISH)', failed, other, busy],
    [
      'decided failed, sent after the failure: busy until the failure is completed',
      failed,
      { ...same, sentAtMs: later },
      busy,
    ],
  ])('%s', (_claim, item, request, verdict) => {
    expect(judgeItem(item, request)).toEqual(verdict);
  });
});

describe('an item that is completed', () => {
  const completedRoom = { ...room, ...completed };
  const completedFailed = { ...failed, ...completed };
  const replay = (item: unknown) => ({ kind: 'replay', item });
  const retake = { kind: 'retake', item: completedFailed };

  test.each([
    ['room, same payload: replay', completedRoom, same, replay(completedRoom)],
    ['room, same payload sent much later: replay', completedRoom, { ...same, sentAtMs: 1e12 }, replay(completedRoom)],
    ['room, another payload: key reused', completedRoom, { ...other, sentAtMs: 1e12 }, keyReused],
    ['failed, sent before the failure: replay', completedFailed, same, replay(completedFailed)],
    ['failed, another payload sent before the failure: key reused', completedFailed, other, keyReused],
    [
      'failed, sent after the failure: claimed again (rule FREE)',
      completedFailed,
      { ...same, sentAtMs: later },
      retake,
    ],
    [
      'failed, another payload sent after the failure: claimed again',
      completedFailed,
      { ...other, sentAtMs: later },
      retake,
    ],
  ])('%s', (_claim, item, request, verdict) => {
    expect(judgeItem(item, request)).toEqual(verdict);
  });
});

describe('an item that failed because a job was stopped (rule STOP)', () => {
  const completion = failedCompletion({
    ...decided,
    reason: 'stopped',
    error: { name: '', message: '' },
    retryable: true,
  });
  const stop = { ...failed, ...completed, completion, stopped_jobs: new Set(['j1']) };
  const replay = { kind: 'replay', item: stop };
  const retake = { kind: 'retake', item: stop };
  const earlier = DECIDED_AT - 1_000;

  test.each([
    ['a message of the job: replay', stop, { ...same, bulkJob: 'j1' }, replay],
    ['a message of the job that was sent later: replay', stop, { ...same, sentAtMs: later, bulkJob: 'j1' }, replay],
    [
      'a message that was sent after the end of the stop: claimed again, because it belongs to another job with the same id',
      { ...stop, stopped_until: DECIDED_AT },
      { ...same, sentAtMs: later, bulkJob: 'j1' },
      { ...retake, item: { ...stop, stopped_until: DECIDED_AT } },
    ],
    ['a message of another job, sent before the stop: claimed again', stop, { ...same, bulkJob: 'j2' }, retake],
    ['a message without a job, sent before the stop: claimed again', stop, { ...same, sentAtMs: earlier }, retake],
    [
      'a message without a job that an earlier failure has answered: replay',
      { ...stop, answered_until: earlier },
      { ...same, sentAtMs: earlier },
      { ...replay, item: { ...stop, answered_until: earlier } },
    ],
    ['another payload, sent before the stop: key reused', stop, { ...other, bulkJob: 'j2' }, keyReused],
    ['another payload, sent after the stop: claimed again', stop, { ...other, sentAtMs: later }, retake],
    [
      'a later failure for another reason, and a message of the job: replay',
      { ...failed, ...completed, stopped_jobs: new Set(['j1']) },
      { ...same, sentAtMs: later, bulkJob: 'j1' },
      { kind: 'replay', item: { ...failed, ...completed, stopped_jobs: new Set(['j1']) } },
    ],
  ])('%s', (_claim, item, request, verdict) => {
    expect(judgeItem(item, request)).toEqual(verdict);
  });
});
