import { KEEP_MS, outranks, type Wish } from '../../lib/contract/release-wish.ts';
import { isExtraRoom } from '../../lib/ledger/is-extra-room.ts';
import { isClaimed, type LedgerItem, type RoomItem, type StoredItem } from '../../lib/ledger/ledger-item.ts';
import { CLAIM_TAG, parseClaimTag } from '../../lib/ledger/room-tags.ts';
import { wishOf } from '../../lib/ledger/wish.ts';
import type { Published } from '../../simulation/memory-messaging.ts';
import { Violation } from '../simulation/invariants.ts';

/** Who has sent a message, with the true times. */
export interface Asker {
  kind: 'request' | 'command';
  correlationId: string;
  sentAtMs: number;
  /** When the message was first sent. A redrive does not change it. */
  askedAtMs: number;
  /** The wish of the message. A wish is never made before its message is first sent. */
  wish: Wish | undefined;
  payloadHash?: string;
  isRow?: boolean;
}

export interface WatchedRoom {
  arn: string;
  tags: Record<string, string>;
}

/** What the watch needs to know about a publication. */
export interface PublishedEvent {
  type: string;
  correlationId: string | undefined;
  roomArn: string | undefined;
  claimId: string | undefined;
  generation: number | undefined;
  superseded: boolean;
}

/** A publication as the watch needs it. */
export function eventOf({ body, attributes }: Published): PublishedEvent {
  const { type, data } = JSON.parse(body);
  return {
    type,
    correlationId: attributes.correlationId,
    roomArn: data.room?.arn,
    claimId: data.claimId,
    generation: data.generation,
    superseded: data.superseded === true,
  };
}

/**
 * The promises R1 to R12 of docs/protocol/release-counterexamples.md for one key. They are judged by what is true, and not by what the code
 * believes: true times, the rooms that exist, and the wishes that were confirmed or stored.
 */
export class ReleasePromises {
  /** The rooms whose release was decided. */
  readonly released = new Set<string>();
  readonly #nowMs: () => number;
  readonly #askers: () => Asker[];
  readonly #owners = new Map<string, Asker>();
  readonly #claims = new Set<string | undefined>();
  readonly #provisioned = new Set<string>();
  readonly #announced = new Set<string>();
  #rooms: WatchedRoom[] = [];
  #item: StoredItem | undefined;
  /** The wishes that were stored or confirmed, in all generations and in the present one. */
  #heard = new Map<string, Asker>();
  #heardNow = new Map<string, Asker>();
  /** Only wishes that were made later apply to the present generation. */
  #boundaryMs = Number.NEGATIVE_INFINITY;
  /** The last failure that has answered every message. A stop has answered only the rows of its job. */
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #hasStopped = false;
  #winnerAtMark: Wish | undefined;

  constructor(nowMs: () => number, askers: () => Asker[]) {
    this.#nowMs = nowMs;
    this.#askers = askers;
  }

  /** Notes whose message a worker handles who takes a lease with this token. */
  noteOwner(token: string, asker: Asker): void {
    this.#owners.set(token, asker);
  }

  /** Judges the item after a write. @param attributes the names of its attributes @param parse reads the item */
  itemWritten(attributes: readonly string[], parse: () => StoredItem): void {
    if (!attributes.includes('claim_id') && !attributes.includes('release_wished_at'))
      throw new Violation('R12: a write creates an item that was removed');
    const before = this.#item;
    const item = parse();
    this.#item = item;
    if (isClaimed(item)) this.#noteGeneration(item, isClaimed(before) ? before : undefined);
    this.#noteStored(item);
    if (isClaimed(item) && isClaimed(before)) this.#noteLifted(item, before);
    if (isClaimed(item)) this.#judgeDecision(item, isClaimed(before) ? before : undefined);
  }

  /** Judges that the time to live of the item has ended. */
  itemExpired(): void {
    const item = this.#item;
    if (isClaimed(item) && item.status === 'INPROGRESS')
      throw new Violation('R5: an item in progress is removed, and its intent is lost');
    const winner = this.#winner();
    if (isClaimed(item) && item.decision === 'room' && this.#exists(item.room_arn) && isOpen(winner))
      throw new Violation('R5: the item is removed while its room exists and its wish is open');
    this.#item = undefined;
    this.#heard = new Map();
    this.#heardNow = new Map();
    this.#boundaryMs = Number.NEGATIVE_INFINITY;
    this.#failedAtMs = Number.NEGATIVE_INFINITY;
    this.#hasStopped = false;
  }

  /** Judges every room that was created or deleted. @param rooms all rooms of the key, also those that are too new to be seen */
  roomsChanged(rooms: WatchedRoom[]): void {
    const before = this.#rooms;
    this.#rooms = rooms;
    for (const room of before) if (!this.#exists(room.arn)) this.#judgeDeletion(room);
    for (const { tags } of rooms.filter(({ arn }) => !before.some((each) => each.arn === arn)))
      if (this.#claims.has(parseClaimTag(tags[CLAIM_TAG]).claimId))
        throw new Violation('R10: another room for a key whose room was released');
  }

  published(event: PublishedEvent): void {
    const asker = this.#askers().find(({ correlationId }) => correlationId === event.correlationId);
    if (event.roomArn !== undefined && event.type === 'greenroom.room.provisioned.v1')
      this.#judgeProvisioned(event, event.roomArn, asker);
    if (event.roomArn !== undefined && event.type === 'greenroom.room.released.v1') this.#judgeReleased(event.roomArn);
    if (asker && event.type === 'greenroom.room.release-scheduled.v1' && !event.superseded) this.#judgeScheduled(asker);
  }

  /** Judges what has become of the key when everything has ended, and all times have passed. */
  checkEnd(): void {
    for (const arn of this.released) {
      if (this.#exists(arn)) throw new Violation('R5: a room is marked, and exists at the end');
      if (!this.#announced.has(arn)) throw new Violation('R8: a room was released, but this was never announced');
    }
    const item = this.#item;
    const winner = this.#winner();
    if (!isClaimed(item)) return;
    const isLiving = item.decision === 'room' && this.#exists(item.room_arn);
    if (isLiving && isOpen(winner) && winner.releaseAtMs <= this.#nowMs())
      throw new Violation('R5: a room exists at the end, although its release is due');
    if (isLiving && winner?.releaseAtMs === KEEP_MS && item.release_look_at !== undefined)
      throw new Violation('R5: a withdrawn wish stays in the index');
    const stored = isLiving ? wishOf(item) : undefined;
    if (isLiving && winner && (stored === undefined || outranks(winner, stored)))
      throw new Violation('R11: the item does not contain the wish that wins');
  }

  #exists(arn: string): boolean {
    return this.#rooms.some((room) => room.arn === arn);
  }

  /** The wish that applies to the present generation, by the contract. */
  #winner(): Wish | undefined {
    const unanswered = [...this.#heardNow.values()].filter(
      ({ kind, sentAtMs, isRow = false }) =>
        kind === 'request' && sentAtMs > this.#failedAtMs && !(this.#hasStopped && isRow),
    );
    const boundaryMs = Math.min(
      this.#boundaryMs,
      ...unanswered.flatMap(({ wish }) => (wish ? wish.wishedAtMs - 1 : [])),
    );
    return [...this.#heard.values()]
      .flatMap(({ wish }) => (wish && wish.wishedAtMs > boundaryMs ? wish : []))
      .reduce<Wish | undefined>((best, wish) => (outranks(wish, best) ? wish : best), undefined);
  }

  #hear(asker: Asker): void {
    if (asker.wish === undefined) return;
    this.#heard.set(messageOf(asker), asker);
    this.#heardNow.set(messageOf(asker), asker);
  }

  #noteGeneration(item: LedgerItem, before: LedgerItem | undefined): void {
    if (item.generation === (before?.generation ?? 0) || before?.decision === undefined) return;
    const beginner = this.#owners.get(item.lease_token);
    const endedAtMs = before.decided_at;
    this.#boundaryMs = Math.min(endedAtMs, (beginner?.askedAtMs ?? endedAtMs) - 1);
    const isStop = reasonOf(before) === 'stopped' && before.payload_hash === beginner?.payloadHash;
    if (!isStop) this.#failedAtMs = endedAtMs;
    this.#heardNow = new Map();
  }

  /** A wish is heard when it is on the item. The wish of a request counts only for a room with its payload. */
  #noteStored(item: StoredItem): void {
    const stored = wishOf(item);
    if (stored === undefined) return;
    for (const asker of this.#askers()) {
      const { wish, kind, payloadHash } = asker;
      const isMine = kind === 'command' || (isClaimed(item) && item.payload_hash === payloadHash);
      if (isMine && wish?.wishedAtMs === stored.wishedAtMs && wish.releaseAtMs === stored.releaseAtMs)
        if (!this.#heard.has(messageOf(asker))) this.#hear(asker);
    }
  }

  /**
   * A wish is also heard when its message moves the boundary of the generation back (rule LIFT). The item may then contain a wish with a greater
   * rank, which was stored before and applies again.
   */
  #noteLifted(item: LedgerItem, before: LedgerItem): void {
    const isLifted = item.generation === before.generation && item.begun_after !== before.begun_after;
    if (!isLifted || item.begun_after === undefined) return;
    for (const asker of this.#askers()) {
      const { wish, kind, payloadHash } = asker;
      const isMine = kind === 'request' && item.payload_hash === payloadHash;
      if (isMine && wish?.wishedAtMs === item.begun_after + 1) this.#hear(asker);
    }
  }

  #judgeDecision(item: LedgerItem, before: LedgerItem | undefined): void {
    const isNew = before?.decision === undefined || before.generation !== item.generation;
    if (item.decision === 'failed' && isNew) {
      const reason = reasonOf(item);
      const winner = this.#winner();
      if (reason === 'stopped') this.#hasStopped = true;
      if (reason === 'release-due' && !(isOpen(winner) && winner.releaseAtMs <= this.#nowMs()))
        throw new Violation('R4: failed: release-due, although the winning wish says otherwise');
    }
    const wasMarked = before?.decision === 'room' && before.release_marked_at !== undefined;
    if (item.decision === 'room' && item.release_marked_at !== undefined && !wasMarked) this.#judgeMark(item);
  }

  #judgeMark(item: RoomItem): void {
    this.#checkDue('a release is decided');
    this.released.add(item.room_arn);
    this.#claims.add(item.claim_id);
    this.#winnerAtMark = this.#winner();
  }

  #checkDue(what: string): void {
    const winner = this.#winner();
    if (winner === undefined) throw new Violation(`R1: ${what} without a wish`);
    if (winner.releaseAtMs === KEEP_MS) throw new Violation(`R1: ${what} although the wish was withdrawn`);
    if (winner.releaseAtMs > this.#nowMs()) throw new Violation(`R1: ${what} before its time`);
  }

  #judgeDeletion(room: WatchedRoom): void {
    const item = isClaimed(this.#item) ? this.#item : undefined;
    if (this.released.has(room.arn) || isExtraRoom(room, item)) return;
    if (item?.decision !== 'room' || item.room_arn !== room.arn)
      throw new Violation('R6: a room is deleted that is not the room of the item');
    this.#checkDue('a room is deleted');
  }

  #judgeProvisioned({ claimId, generation }: PublishedEvent, arn: string, asker: Asker | undefined): void {
    const item = isClaimed(this.#item) ? this.#item : undefined;
    const markedAtMs = item?.decision === 'room' && item.room_arn === arn ? item.release_marked_at : undefined;
    if (asker && markedAtMs !== undefined && asker.sentAtMs > markedAtMs)
      throw new Violation('R9: a request that was sent after the mark is answered with the room');
    if (item && item.decision === undefined && item.claim_id === claimId && item.generation === generation)
      throw new Violation('R7: a room is published that is not decided');
    if (!this.#exists(arn) && !this.#provisioned.has(arn))
      throw new Violation('R3: provisioned is published for the first time after the room was deleted');
    this.#provisioned.add(arn);
    if (asker && markedAtMs === undefined && item?.payload_hash === asker.payloadHash) this.#hear(asker);
  }

  #judgeReleased(arn: string): void {
    if (!this.#provisioned.has(arn)) throw new Violation('R3: released is published before provisioned');
    if (this.#exists(arn)) throw new Violation('R3: released is published, but the room exists');
    this.#announced.add(arn);
  }

  #judgeScheduled(asker: Asker): void {
    const { wish } = asker;
    if (this.#winnerAtMark && wish && wish.wishedAtMs > this.#boundaryMs && outranks(wish, this.#winnerAtMark))
      throw new Violation('R2: scheduled is the answer to a wish that came after the mark');
    this.#hear(asker);
  }
}

/** Identifies a message. An operator may send a request back, which makes another message of it. */
function messageOf({ correlationId, sentAtMs }: Asker): string {
  return `${correlationId}#${sentAtMs}`;
}

function isOpen(wish: Wish | undefined): wish is Wish {
  return wish !== undefined && wish.releaseAtMs !== KEEP_MS;
}

function reasonOf({ completion: { data } }: Extract<LedgerItem, { decision: 'room' | 'failed' }>): string | undefined {
  return data.outcome === 'failed' ? data.reason : undefined;
}
