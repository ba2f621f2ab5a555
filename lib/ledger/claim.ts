import { randomUUID } from 'node:crypto';
import { IdempotencyItemAlreadyExistsError } from '@aws-lambda-powertools/idempotency';
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import type { Completion } from '../contract/completion.ts';
import type { Clock } from '../platform/clock.ts';
import type { Timing } from '../platform/config.ts';
import {
  acquireChange,
  type Claimant,
  completeParts,
  failureParts,
  intentParts,
  type Lease,
  retakeChange,
} from './claim-changes.ts';
import { HeldItem, LeaseLostError } from './held-item.ts';
import { busyAs, judgeBegun, type Verdict } from './judge-item.ts';
import type { Change, Ledger } from './ledger.ts';
import type { DecidedItem, LedgerItem } from './ledger-item.ts';
import { joinNotes, noteParts, type ReleaseNote } from './release-note.ts';
import { wishOf } from './wish.ts';

export interface ClaimSettings {
  ledger: Ledger;
  clock: Clock;
  leaseEndMs: number;
  keyRetentionSeconds: number;
  timing: Pick<Timing, 'clockErrorMs' | 'listingLagMs'>;
}

/** Why the key could not be claimed. */
export type Refusal = Exclude<Verdict, { kind: 'retake' }> | { kind: 'may-not-claim'; completion: Completion };

const MINE = '#lease_token = :mine AND #version = :seen';
const MINE_UNDECIDED = `${MINE} AND attribute_not_exists(#decision)`;
// How many times a write is tried if a wish arrives just before it each time.
const MAX_ROUNDS = 5;

/**
 * One worker's claim on one key: a Powertools persistence layer for the ledger. Each attempt to claim a key creates a new `Claim`, which
 * holds a lease token and the item as this worker last saw it. Every write after the acquire is conditional on the token and on the item's
 * version (rule CAS).
 *
 * Do not replace it with Powertools' DynamoDBPersistenceLayer. That class deletes the record when the function throws, does not check the
 * owner, and does not return the item that it replaced. Each of these can lead to a second room.
 */
export class Claim extends BasePersistenceLayer {
  readonly #claimant: Claimant;
  readonly #settings: ClaimSettings;
  readonly #leaseToken = randomUUID();
  readonly #held: HeldItem;
  #refusal: Refusal | undefined;
  #onRelease: ReleaseNote = {};
  #isReleased = false;

  constructor(claimant: Claimant, settings: ClaimSettings) {
    super();
    this.#claimant = claimant;
    this.#settings = settings;
    this.#held = new HeldItem(settings.ledger, { ledgerKey: claimant.ledgerKey, token: this.#leaseToken });
  }

  /** The item as this claim last wrote it. @throws Error if the claim was not acquired */
  get item(): LedgerItem {
    const { item } = this.#held;
    if (item === undefined) throw new Error('The claim was not acquired');
    return item;
  }

  /** The item as this claim last wrote it; undefined if the claim was not acquired. */
  get held(): LedgerItem | undefined {
    return this.#held.item;
  }

  /** The item of a claim that is decided. @throws Error if there is no decision */
  get decided(): DecidedItem {
    const { item } = this;
    if (item.decision === undefined) throw new Error('The claim has no decision');
    return item;
  }

  /** Why the claim was not acquired; undefined if it was. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** The latest `neededBy` of all messages of this generation. */
  get neededByMs(): number {
    return Math.max(this.held?.needed_by ?? 0, this.#claimant.neededByMs);
  }

  /** Whether the release was written. A completed claim is not released, and the release of a lost lease fails. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * Adds a note for the next worker to the release, which is written if the work ends without an outcome. Powertools passes no arguments
   * to the release, so call this before the work ends.
   */
  noteOnRelease(note: ReleaseNote): void {
    this.#onRelease = joinNotes(this.#onRelease, note);
  }

  /** Writes the intent: from now on a room of this generation may exist. */
  async markIntent(nowMs: number): Promise<void> {
    await this.#writeFenced({
      condition: MINE_UNDECIDED,
      ...intentParts(this.item, { nowMs, neededByMs: this.neededByMs }),
    });
  }

  /**
   * Removes the intent after a call that certainly had no effect, and restores the intent that it replaced, if any. A search has proved
   * that the restored intent has no room. If its room appears nevertheless, the next reconcile can still find it.
   */
  async clearIntent(replaced: number | undefined, deniedAtMs?: number): Promise<void> {
    const intent =
      replaced === undefined
        ? { set: {}, remove: ['create_started_at'], values: {} }
        : { set: { create_started_at: ':replaced' }, remove: [], values: { replaced } };
    const isDenied = deniedAtMs !== undefined;
    await this.#writeFenced({
      condition: `${MINE} AND #create_started_at = :intent`,
      set: { ...intent.set, ...(isDenied && { denied_at: ':denied_at' }) },
      remove: intent.remove,
      values: {
        ...intent.values,
        ...(isDenied && { denied_at: deniedAtMs }),
        intent: this.item.create_started_at,
      },
    });
  }

  /** Stores the final decision that this room is the outcome of this generation, together with the whole completion (rule BODY). */
  async decideRoom(roomArn: string, completion: Completion, nowMs: number): Promise<void> {
    await this.#writeFenced({
      condition: MINE_UNDECIDED,
      set: { decision: ':decision', room_arn: ':room_arn', completion: ':completion', decided_at: ':now' },
      remove: ['listing'],
      values: { decision: 'room', room_arn: roomArn, completion: JSON.stringify(completion), now: nowMs },
    });
  }

  /**
   * Stores the final decision that this generation failed, before the failure is published (rule DECIDE). Call it only if there is no
   * unresolved intent. The stored time is never earlier than the request's `sentAtMs`, so a request cannot claim its key again after its
   * own failure.
   */
  async decideFailed(completion: Completion, nowMs: number): Promise<void> {
    const decidedAtMs = Math.max(nowMs, this.#claimant.sentAtMs);
    const parts = failureParts(this.item, this.#claimant, completion, decidedAtMs);
    await this.#writeFenced({ condition: MINE_UNDECIDED, ...parts });
  }

  /**
   * Stores the decision that this generation failed because its release is due (rule DUE). Call it only if there is no unresolved intent. The
   * stored time is never earlier than the wish, so that the wish does not apply to a generation that a later request begins.
   * @returns whether it was stored. Otherwise the wish has changed, and the caller must judge it again
   */
  async decideReleaseDue(completion: Completion, nowMs: number): Promise<boolean> {
    const wishedAtMs = wishOf(this.item)?.wishedAtMs ?? 0;
    const decidedAtMs = Math.max(nowMs, this.#claimant.sentAtMs, wishedAtMs);
    const parts = failureParts(this.item, this.#claimant, completion, decidedAtMs);
    return this.#writeIfWishIsAsSeen({ condition: MINE_UNDECIDED, ...parts });
  }

  /** Takes over a wish that another write has stored. @param item the item after that write */
  noteWish(item: LedgerItem): void {
    this.#held.noteWish(item);
  }

  /** Acquires the key with the ordinary write. If the key failed and may be claimed again, a second write begins a new generation. */
  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    const ordinary = await this.#held.acquire(acquireChange(this.#claimant, this.#newLease()));
    if (ordinary.isMine) return;
    const verdict = judgeBegun(ordinary.item, this.#claimant, this.#settings.clock.nowMs());
    if (verdict && verdict.kind !== 'retake') throw this.#refused(verdict, record);
    const { answerIfNew } = this.#claimant;
    if (answerIfNew) throw this.#refused({ kind: 'may-not-claim', completion: answerIfNew }, record);
    if (verdict === undefined) throw new Error('The acquire failed, although there is no item');
    const retake = await this.#held.acquire(retakeChange(this.#claimant, this.#newLease(), verdict.item));
    if (retake.isMine) return;
    throw this.#refused(busyAs(retake.item), record);
  }

  /** Completes the item. If a wish arrives at the same time, the completed item includes it (rule SEEN). */
  protected override async _updateRecord(): Promise<void> {
    const { clock, keyRetentionSeconds, timing } = this.#settings;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const parts = completeParts(this.decided, { nowMs: clock.nowMs(), keyRetentionSeconds, ...timing });
      if (await this.#writeIfWishIsAsSeen({ condition: MINE, ...parts })) return;
    }
    // The next worker completes the item. Nothing is lost, because the decision is stored and published.
    throw new LeaseLostError(this.item);
  }

  /**
   * Releases the key: ends the lease, and adds the notes to the item. It never throws, because Powertools would report that error instead
   * of the reason for the release. If the write fails, the lease ends at its stored time.
   */
  protected override async _deleteRecord(): Promise<void> {
    const noted = noteParts(this.#onRelease);
    try {
      await this.#writeFenced({
        condition: MINE,
        set: { lease_end: ':over', needed_by: ':needed_by', ...noted.set },
        remove: noted.remove,
        values: { over: 0, needed_by: this.neededByMs, ...noted.values },
      });
      this.#isReleased = true;
    } catch {
      // Either the lease is already lost, or the table cannot be reached. Nothing more can be done.
    }
  }

  /** Powertools reads a record only if a failed acquire did not return it. This class always returns it. */
  protected override _getRecord(): Promise<IdempotencyRecord> {
    throw new Error('The ledger is never read separately: every write returns the item');
  }

  #newLease(): Lease {
    const { clock, leaseEndMs } = this.#settings;
    return { token: this.#leaseToken, endMs: leaseEndMs, nowMs: clock.nowMs() };
  }

  #writeFenced(change: Change): Promise<void> {
    return this.#held.write(change);
  }

  #writeIfWishIsAsSeen(change: Change): Promise<boolean> {
    return this.#held.writeIfWishIsAsSeen(change);
  }

  #refused(verdict: Refusal, record: IdempotencyRecord): Error {
    this.#refusal = verdict;
    const existing = new IdempotencyRecord({
      idempotencyKey: record.idempotencyKey,
      // This is not the status of the item. It only makes Powertools stop here; `refusal` has the reason. The record has no expiry, because
      // Powertools would try forever to acquire an item that has expired but is not deleted yet.
      status: 'COMPLETED',
    });
    return new IdempotencyItemAlreadyExistsError('The key is taken', existing);
  }
}
