import { beforeEach, describe, expect, test } from '@jest/globals';
import { Claim } from '../../lib/provisioning/claim.ts';
import { type Bench, createBench, DAY_MS, START_MS } from '../support/memory-bench.ts';

const CLAIMANT = {
  ledgerKey: 'k',
  idempotencyKey: 'key',
  region: 'eu-west-1',
  payloadHash: 'payload',
  sentAtMs: START_MS,
  neededByMs: START_MS + DAY_MS,
};

let bench: Bench;
let claim: Claim;
beforeEach(() => {
  bench = createBench();
  const { ledger, clock } = bench.services;
  claim = new Claim(CLAIMANT, { ledger, clock, leaseEndMs: START_MS + 90_000, keyRetentionSeconds: 1 });
});

describe('a claim', () => {
  test('that was not acquired has no item and can write nothing', async () => {
    expect(() => claim.item).toThrow('The claim was not acquired');
    await expect(claim.markIntent(START_MS)).rejects.toThrow('The claim was not acquired');
    expect(claim.refusal).toBeUndefined();
    expect(bench.calls).toEqual([]);
  });

  test('is never read apart from its writes', async () => {
    await expect(claim.getRecord({ key: 'k' })).rejects.toThrow('The ledger is never read apart from its writes');
  });
});
