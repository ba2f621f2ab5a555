import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { Claim, type ClaimSettings } from '../../lib/ledger/claim.ts';
import { withClaim } from '../../lib/provisioning/with-claim.ts';
import { contextUntil } from '../support/lambda-context.ts';
import { failedItem } from '../support/ledger-items.ts';
import { type Bench, createBench, DAY_MS, START_MS } from '../support/memory-bench.ts';

const CLAIMANT = {
  ledgerKey: ledgerKey('key'),
  idempotencyKey: 'key',
  region: 'eu-west-1',
  tenant: 'default',
  payloadHash: 'payload',
  sentAtMs: START_MS,
  askedAtMs: START_MS,
  neededByMs: START_MS + DAY_MS,
};

let bench: Bench;
let settings: ClaimSettings;
let claim: Claim;
beforeEach(() => {
  bench = createBench();
  const { ledger, clock } = bench.services;
  settings = { ledger, clock, leaseEndMs: START_MS + 90_000, keyRetentionSeconds: 1, timing: bench.config.timing };
  claim = new Claim(CLAIMANT, settings);
});

describe('a claim', () => {
  test('that was not acquired has no item and cannot write', async () => {
    expect(() => claim.item).toThrow('The claim was not acquired');
    await expect(claim.markIntent(START_MS)).rejects.toThrow('The claim was not acquired');
    expect(claim.refusal).toBeUndefined();
    expect(bench.calls).toEqual([]);
  });

  test('without a decision throws when its decision is read', async () => {
    await claim.saveInProgress({ key: 'key' }, 60_000);
    expect(claim.item.decision).toBeUndefined();
    expect(() => claim.decided).toThrow('The claim has no decision');
    await claim.decideFailed(failedItem().completion, START_MS);
    expect(claim.decided).toMatchObject({ decision: 'failed' });
  });

  test('is never read separately', async () => {
    await expect(claim.getRecord({ key: 'k' })).rejects.toThrow(
      'The ledger is never read separately: every write returns the item',
    );
  });

  test('is lost if its item is deleted', async () => {
    await claim.saveInProgress({ key: 'key' }, 60_000);
    await bench.removeItem('key');
    await expect(claim.markIntent(START_MS)).rejects.toMatchObject({ name: 'LeaseLostError', item: undefined });
  });

  test('is not made if the table refuses to create an item although there is none', async () => {
    const ledger = { ...settings.ledger, write: async () => ({ written: false as const, item: undefined }) };
    await expect(new Claim(CLAIMANT, { ...settings, ledger }).saveInProgress({ key: 'key' }, 60_000)).rejects.toThrow(
      'The acquire failed, although there is no item',
    );
  });

  test('writes the noted changes on release, and only the last one for each attribute', async () => {
    await claim.saveInProgress({ key: 'key' }, 60_000);
    await bench.changeItem('key', { old: 'goes', stale: 'goes too' });
    claim.noteOnRelease({ set: { listing: { token: 'first' }, dropped: 1 }, remove: ['old', 'again'] });
    claim.noteOnRelease({ set: { listing: { token: 'second' }, again: [1] }, remove: ['stale', 'dropped'] });
    expect(claim.isReleased).toBe(false);
    await claim.deleteRecord({ key: 'key' });
    expect(claim.isReleased).toBe(true);
    const stored = bench.stored('key');
    expect(stored).toMatchObject({ lease_end: 0, version: 2, listing: { token: 'second' }, again: [1] });
    for (const name of ['old', 'stale', 'dropped']) expect(stored).not.toHaveProperty(name);
    expect(bench.callsOf('UpdateItem')).toHaveLength(2);
  });

  test('causes no warnings of Powertools', async () => {
    const warn = jest.spyOn(console, 'warn');
    const decide = (made: Claim) => made.decideFailed(failedItem().completion, START_MS);
    expect(await withClaim(CLAIMANT, settings, contextUntil(START_MS), decide)).toMatchObject({ kind: 'completed' });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
