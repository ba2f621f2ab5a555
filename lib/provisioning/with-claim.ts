import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import type { Context } from 'aws-lambda';
import { noteCause } from '../ledger/causes.ts';
import { Claim, type ClaimSettings, type Refusal } from '../ledger/claim.ts';
import type { Claimant } from '../ledger/claim-changes.ts';
import { LeaseLostError } from '../ledger/held-item.ts';
import { DamagedItemError, type DecidedItem, mayHaveRoom } from '../ledger/ledger-item.ts';
import { TableUnavailableError } from '../platform/tables.ts';
import type { Waiting } from './postponed.ts';
import { Postponement } from './postponement.ts';

export type ClaimResult =
  /** The item is decided, published and completed. `byUs`: this call decided it. */
  | { kind: 'completed'; item: DecidedItem; byUs: boolean }
  | { kind: 'refused'; refusal: Refusal }
  | ({ kind: 'postponed'; postponement: Postponement } & WaitingClaim)
  | { kind: 'damaged'; error: DamagedItemError };

/** The facts about a wait that come from the claim. */
type WaitingClaim = Pick<Waiting, 'noted' | 'mayHaveRoom'>;

/**
 * Runs `work` under a claim on the key, with Powertools' `makeIdempotent`: acquire, work, complete. If the work ends without an outcome,
 * the claim is released instead. `work` must leave the claim decided and its completion published.
 * @throws only for bugs: every expected failure of the ledger or the work is returned as a result
 */
export async function withClaim(
  claimant: Claimant,
  settings: ClaimSettings,
  lambdaContext: Context,
  work: (claim: Claim) => Promise<void>,
): Promise<ClaimResult> {
  const claim = new Claim(claimant, settings);
  let byUs = false;
  const fulfil = makeIdempotent(
    async (_key: string) => {
      const foundDecided = claim.item.decision !== undefined;
      try {
        await work(claim);
      } catch (error) {
        noteReason(error, claim, settings.clock.nowMs());
        throw error;
      }
      byUs = !foundDecided;
      return null;
    },
    { persistenceStore: claim, config: new IdempotencyConfig({ lambdaContext, hashFunction: 'sha256' }) },
  );
  try {
    await fulfil(claimant.ledgerKey);
  } catch (error) {
    if (claim.refusal === undefined) return resultOf(error, claim);
  }
  if (claim.refusal) return { kind: 'refused', refusal: claim.refusal };
  return { kind: 'completed', item: claim.decided, byUs };
}

/** Adds the reason for the wait to the release that follows. */
function noteReason(error: unknown, claim: Claim, nowMs: number): void {
  const postponement = postponementOf(error);
  if (postponement)
    claim.noteOnRelease({ set: { waits: noteCause(claim.item.waits, postponement.reason, nowMs).waits } });
}

function resultOf(error: unknown, claim: Claim): ClaimResult {
  // Powertools wraps errors from our store, but not errors from the work.
  const cause = error instanceof Error && error.name === 'IdempotencyPersistenceLayerError' ? error.cause : error;
  if (cause instanceof DamagedItemError) return { kind: 'damaged', error: cause };
  const postponement = postponementOf(cause);
  if (postponement === undefined) throw error;
  return { kind: 'postponed', postponement, ...waitingOf(cause, postponement, claim) };
}

/** The postponement for an error that ends the work on a claim; undefined if the error is a bug. */
function postponementOf(error: unknown): Postponement | undefined {
  if (error instanceof Postponement) return error;
  if (error instanceof LeaseLostError) return new Postponement('lease-lost');
  if (error instanceof TableUnavailableError) return new Postponement('ledger-unavailable', { cause: error.cause });
  return undefined;
}

function waitingOf(error: unknown, { reason }: Postponement, claim: Claim): WaitingClaim {
  const { held } = claim;
  // The write may have stored an intent although it failed. After a decision nothing is uncertain, because a decision is final.
  const isUncertain = error instanceof TableUnavailableError && held?.decision === undefined;
  return {
    noted: claim.isReleased ? held?.waits?.[reason] : undefined,
    mayHaveRoom: isUncertain || mayHaveRoom(error instanceof LeaseLostError ? error.item : held),
  };
}
