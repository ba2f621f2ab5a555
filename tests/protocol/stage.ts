import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DeleteRoomCommand, UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { createIvsChat, type IvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { redriveAttributes } from '../../lib/contract/redrive-attributes.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import type { Room } from '../../lib/contract/room.ts';
import { isClaimed, parseStoredItem } from '../../lib/ledger/ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { LEDGER_TABLE } from '../../simulation/ledger-table.ts';
import { createMemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import type { MemoryMessage } from '../../simulation/memory-queue.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { createVirtualTime, currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { config, TIMING } from '../fixtures/simulated-stage.ts';
import { type Handle, invoke, startWorker } from '../simulation/delivery.ts';
import { noFaults } from '../simulation/faults.ts';
import { checkEnd, Violation } from '../simulation/invariants.ts';
import { logOf } from '../simulation/run-seed.ts';
import type { ScenarioRequest } from '../simulation/scenario.ts';
import { bodyOf, checkStopped, writeStop } from '../simulation/stops.ts';
import { check, LANE, note, openLane, queueOf, START_MS, type World, waitingMessages } from '../simulation/world.ts';
import { type Commanded, commandAsker, commandBody, requestAsker } from './askers.ts';
import { createDirectedClients } from './directed-clients.ts';
import { type Directions, Script } from './directions.ts';
import { checkStory } from './promises.ts';
import { type Asker, eventOf, ReleasePromises } from './release-promises.ts';
import { type ReleaserOptions, startReleaser } from './releaser.ts';
import { type Backup, restoreLedger } from './restored-ledger.ts';
import type { Provisioning } from './variants.ts';

const KEY = 'main-chat';
const REGION = 'eu-west-1';
const VISIBILITY_TIMEOUT_MS = 360_000;
/** After this time, everything that was under way has taken effect. */
const LATE_MS = 20 * 60_000;
/** Work that is not done by this time will never be done. */
const NEVER_MS = 6 * 3_600_000;
const POLL_MS = 5_000;
/** Longer than the grace period of a command, the clock error and the listing lag. */
const GRACE_MS = 20 * 60_000;
/** The releaser runs every minute, and each run ends within it. */
const SCHEDULE_MS = 70_000;
const MAX_RUNS = 10;

export interface StageOptions {
  /** The listing lag of ListRooms. Default: the lag that the product is configured for */
  listingLagMs?: number;
  /** For how long calls do not find a new room. Default: not at all */
  newRoomLagMs?: number;
  /** Receives a trace of the events, line by line. */
  trace?: string[];
}

export interface Sending {
  neededInMs?: number;
  idempotencyKey?: string;
  /** Whether the request is a row of the bulk job. */
  isRow?: boolean;
  /** How long from now until the room is to be released. */
  releaseInMs?: number;
}

export interface DeliverOptions {
  /** How far the worker's clock is ahead. */
  skewMs?: number;
  /** Delivers the message through the dead-letter queue. */
  deadLetters?: boolean;
}

/** The stage of a scenario: one key, and workers with directions. Nothing happens by chance. */
export class Stage {
  readonly world: World;
  readonly #provisioning: Provisioning;
  readonly #script = new Script();
  readonly #ivsChat: IvsChat;
  readonly #clients: AwsClients;
  /** The completions of an earlier life of the key. */
  readonly #former: World['messaging']['published'] = [];
  readonly #disregarded = new Set<string>();
  /** The messages about the key of the stage, with their senders. */
  readonly #askers = new Map<MemoryMessage, Asker>();
  readonly #batches = new Map<Worker, MemoryMessage[]>();
  readonly #promises: ReleasePromises;

  constructor(
    provisioning: Provisioning,
    { listingLagMs = TIMING.listingLagSeconds * 1000, newRoomLagMs = 0, trace }: StageOptions = {},
  ) {
    // Events of one moment happen in the order in which they were planned, and every transfer takes the same time.
    const time = createVirtualTime(START_MS, () => 0);
    const random = () => 0.5;
    this.#provisioning = provisioning;
    this.#ivsChat = createIvsChat({
      now: time.nowMs,
      random: () => 0.999_999,
      signatureLifetimeMs: TIMING.signatureLifetimeSeconds * 1000,
      listingLagMs,
      newRoomLagMs,
    });
    // A message that nobody has received has no effect yet.
    const received = () => [...this.#askers].filter(([{ receiveCount }]) => receiveCount > 0);
    this.#promises = new ReleasePromises(time.nowMs, () => received().map(([, asker]) => asker));
    this.world = {
      random,
      time,
      scenario: { requests: [], intensity: 0, calmFromMs: START_MS },
      dynamodb: createMemoryDynamoDb({ indexed: { ledger: LEDGER_TABLE }, now: time.nowMs }),
      messaging: openLane(time.nowMs, { visibilityTimeoutMs: VISIBILITY_TIMEOUT_MS }),
      sent: new Map(),
      ivsChat: { ...this.#ivsChat, admin: { ...this.#ivsChat.admin, rooms: () => this.#countedRooms() } },
      faults: noFaults(),
      trace,
      violation: undefined,
      calls: {},
      activeInvocations: 0,
      released: this.#promises.released,
    };
    this.#clients = createDirectedClients(this.world, this.#script, (worker, step, { body }) => {
      const asker = this.#batches.get(worker)?.flatMap((message) => this.#askers.get(message) ?? [])[0];
      const isAcquire = step === 'acquire' || step === 'retake';
      const token = isAcquire && JSON.parse(String(body)).ExpressionAttributeValues[':token'].S;
      if (asker && token) this.#promises.noteOwner(token, asker);
    });
    this.#watchReleases();
  }

  /** Sends a request now. */
  send(room: Room, { neededInMs, idempotencyKey = KEY, isRow = false, releaseInMs }: Sending = {}): MemoryMessage {
    const nowMs = this.world.time.nowMs();
    const times = {
      neededByMs: neededInMs === undefined ? undefined : nowMs + neededInMs,
      releaseAtMs: releaseInMs === undefined ? undefined : nowMs + releaseInMs,
    };
    return this.#send({ idempotencyKey, room, isRow, ...times }, nowMs);
  }

  /** Sends a release command for the key now. */
  command(commanded: Commanded): MemoryMessage {
    const { time, messaging } = this.world;
    const asker = commandAsker(commanded, this.#askers.size, time.nowMs());
    const message = messaging.queue(LANE).send(commandBody(KEY, asker), { id: `c${this.#askers.size}` });
    this.#askers.set(message, asker);
    note(this.world, undefined, `${message.id} is sent (release command)`);
    return message;
  }

  /** An operator sends the message of a request again, as if it had been parked. */
  redrive(message: MemoryMessage): MemoryMessage {
    const request = this.world.sent.get(message);
    if (!request) throw new Error('Only the message of a request can be sent back');
    const askedAtMs = this.#askers.get(message)?.askedAtMs ?? request.sentAtMs;
    return this.#send(request, askedAtMs);
  }

  #send(request: Omit<ScenarioRequest, 'number' | 'sentAtMs'>, askedAtMs: number): MemoryMessage {
    const { time, scenario, messaging, sent } = this.world;
    const sentRequest = { ...request, number: scenario.requests.length, sentAtMs: time.nowMs() };
    scenario.requests.push(sentRequest);
    const isRedriven = askedAtMs < time.nowMs();
    const wishedAt = new Date(askedAtMs).toISOString();
    const attributes = redriveAttributes({ lane: LANE, isFromRoster: request.isRow ?? false, wishedAt });
    const sending = { id: `m${sentRequest.number}`, ...(isRedriven && { attributes }) };
    const message = messaging.queue(LANE).send(bodyOf(sentRequest), sending);
    sent.set(message, sentRequest);
    if (request.idempotencyKey === KEY) this.#askers.set(message, requestAsker(sentRequest, askedAtMs));
    note(this.world, undefined, `${message.id} is sent ${isRedriven ? 'back ' : ''}(${request.room.name})`);
    return message;
  }

  /** Runs one invocation of the releaser. */
  release(directions: Directions = {}, options: ReleaserOptions = {}): void {
    const { world } = this;
    startReleaser(
      { world, clients: this.#clients, provisioning: this.#provisioning, script: this.#script },
      directions,
      options,
    );
  }

  /** Delivers a message to a new worker, even if another worker has it. The new worker begins when time passes. */
  deliver(message: MemoryMessage, directions: Directions = {}, options: DeliverOptions = {}): void {
    this.deliverTogether([message], directions, options);
  }

  /** Delivers several messages to one new worker. */
  deliverTogether(messages: MemoryMessage[], directions: Directions = {}, options: DeliverOptions = {}): void {
    const { world } = this;
    for (const message of messages) {
      if (options.deadLetters) world.messaging.queue(LANE).setAside(message);
      queueOf(world, message).take([message]);
    }
    const worker = startWorker(world, messages);
    worker.skewMs = options.skewMs ?? 0;
    this.#script.give(worker, directions);
    this.#batches.set(worker, messages);
    world.time.after(0, () => invoke(world, this.#clients, this.#handle, messages, worker));
  }

  /** An operator stops the bulk job, or the tracker forgets the stopped job after its report. */
  writeStop(what: 'stop' | 'forget'): Promise<void> {
    return writeStop(this.world, what);
  }

  /** Another program creates a number of rooms with that name in about a second from now. */
  async makeOthers(name: string, count: number): Promise<void> {
    const nowMs = this.world.time.nowMs();
    note(this.world, undefined, `${count} other rooms ${name} are created`);
    this.#ivsChat.admin.seedRooms({ region: REGION, name, count, sinceMs: nowMs, untilMs: nowMs + 1_000 });
    await this.pass(1_000);
  }

  /** Users update every room of greenroom's. The rooms move to the top of the list once it shows the updates. */
  touch(): void {
    const { world } = this;
    const worker: Worker = { name: 'user', skewMs: 0, alive: true, frozenUntilMs: 0 };
    world.time.after(0, () =>
      currentWorker.run(worker, async () => {
        for (const { arn } of this.#ownRooms()) {
          await this.#clients
            .ivsChat(REGION)
            .send(new UpdateRoomCommand({ identifier: arn, maximumMessageLength: 77 }));
        }
      }),
    );
  }

  /** Makes IVS Chat refuse the tokens of all listings so far. */
  refuseTokens(): void {
    this.#ivsChat.admin.refuseTokens();
  }

  /** Lets time pass. @throws Violation as soon as a promise is broken. */
  async pass(ms: number): Promise<void> {
    const { time } = this.world;
    await time.run(time.nowMs() + ms, () => this.world.violation !== undefined);
    if (this.world.violation) throw this.world.violation;
  }

  /** Makes DynamoDB remove the expired items. */
  async removeExpired(): Promise<void> {
    const { dynamodb, time } = this.world;
    const expired = dynamodb.items('ledger').filter(({ expires_at }) => Number(expires_at?.N) * 1000 < time.nowMs());
    for (const { id } of expired) {
      note(this.world, undefined, 'DynamoDB removes the expired item');
      if (id?.S === ledgerKey(KEY) && this.#hasWishes()) this.#promises.itemExpired();
      await dynamodb.handle({
        method: 'POST',
        path: '/',
        query: new URLSearchParams(),
        headers: { 'x-amz-target': 'DynamoDB_20120810.DeleteItem' },
        body: Buffer.from(JSON.stringify({ TableName: 'ledger', Key: { id } })),
        region: REGION,
      });
    }
  }

  /** The ledger as it is now. */
  backUp(): Backup {
    return this.world.dynamodb.items('ledger');
  }

  /** Replaces the ledger by a backup, and rebuilds what it lacks from the rooms. */
  restore(backup: Backup): void {
    const rooms = () => this.#ownRooms();
    restoreLedger(backup, { world: this.world, rooms, clients: this.#clients, provisioning: this.#provisioning });
  }

  /** Ends a life of the key: one more room and one more completion break no promise after that. */
  beginNewLife(): void {
    this.disregardRooms();
    this.#former.push(...this.world.messaging.published.splice(0));
  }

  /** The present rooms do not count for "one room per key", unless the ledger names them, because a bound was exceeded. */
  disregardRooms(): void {
    for (const { arn } of this.rooms()) this.#disregarded.add(arn);
  }

  /** Every existing room. */
  rooms() {
    return this.#ivsChat.admin.rooms();
  }

  /** Deletes every room that the predicate calls extra, after a pause. */
  sweep({ pauseMs = 0 }: { pauseMs?: number } = {}): void {
    const { world } = this;
    const worker: Worker = { name: 'sweep', skewMs: 0, alive: true, frozenUntilMs: 0 };
    world.time.after(0, () =>
      currentWorker.run(worker, async () => {
        const extra = this.rooms().filter((room) =>
          this.#provisioning.isExtraRoom(room, this.#itemOf(room.tags[KEY_TAG])),
        );
        note(world, worker, `finds ${extra.length} extra rooms`);
        if (pauseMs > 0) await new Promise<void>((resolve) => world.time.after(pauseMs, resolve));
        for (const { arn } of extra) {
          await this.#clients.ivsChat(REGION).send(new DeleteRoomCommand({ identifier: arn }));
        }
      }),
    );
  }

  /** Ends all faults, finishes all remaining work, and checks all promises. */
  async end(): Promise<void> {
    const { world } = this;
    await this.#finishMessages();
    if (this.#hasWishes()) {
      await this.#finishReleases();
      await this.#finishMessages();
      for (const asker of this.#askers.values()) this.#checkAnswered(asker);
      this.#promises.checkEnd();
    }
    checkEnd(world);
    checkStopped(world);
    checkStory({
      requests: world.scenario.requests,
      published: [...this.#former, ...world.messaging.published],
      rooms: this.rooms(),
      released: world.released,
    });
    const unmet = this.#script.unmet();
    if (unmet.length > 0) throw new Error(`The scenario was not played as described: ${unmet.join('; ')}`);
  }

  async #finishMessages(): Promise<void> {
    const { world } = this;
    const begunMs = world.time.nowMs();
    const waiting = () => [
      ...new Set([...waitingMessages(world), ...[...this.#askers.keys()].filter(({ gone }) => gone === undefined)]),
    ];
    const isDone = () => world.activeInvocations === 0 && waiting().length === 0;
    const isOver = () => world.time.nowMs() > begunMs + (isDone() ? LATE_MS : NEVER_MS);
    for (; !isOver(); await this.pass(POLL_MS)) {
      for (const message of waiting()) if (message.visibleAtMs <= world.time.nowMs()) this.deliver(message);
    }
  }

  /** Lets all release times pass, and runs the releaser until nothing waits in the due index. */
  async #finishReleases(): Promise<void> {
    const { time } = this.world;
    const wished = [...this.#askers.values()].flatMap(({ wish }) => wish?.releaseAtMs ?? []);
    const lastMs = Math.max(0, ...wished.filter((atMs) => atMs < KEEP_MS)) + GRACE_MS;
    for (let runs = 0; runs < MAX_RUNS; runs++) {
      const lookAtMs = Number(this.#storedItem()?.release_look_at?.N ?? 0);
      await this.pass(Math.max(0, lastMs - time.nowMs(), lookAtMs - time.nowMs()) + SCHEDULE_MS);
      this.release();
      await this.pass(SCHEDULE_MS);
      if (this.#storedItem()?.release_look_at === undefined) return;
    }
  }

  #checkAnswered({ kind, correlationId }: Asker): void {
    const isAnswered = this.world.messaging.published.some(
      ({ attributes }) => attributes.correlationId === correlationId,
    );
    if (kind === 'command' && !isAnswered) throw new Violation(`I3: ${correlationId} ends without an answer`);
  }

  #hasWishes(): boolean {
    return [...this.#askers.values()].some(({ wish }) => wish !== undefined);
  }

  #storedItem() {
    return this.world.dynamodb.items('ledger').find(({ id }) => id?.S === ledgerKey(KEY));
  }

  /** Judges every effect on the ledger, the rooms and the topic, in scenarios with wishes. */
  #watchReleases(): void {
    const { world } = this;
    const { dynamodb, messaging } = world;
    // Without a wish, there is nothing to judge yet, but the facts count later.
    const judge = (promises: () => void) =>
      check(world, () => {
        try {
          promises();
        } catch (error) {
          if (this.#hasWishes()) throw error;
        }
      });
    world.dynamodb = {
      ...dynamodb,
      handle: async (request) => {
        const response = await dynamodb.handle(request);
        const item = this.#storedItem();
        const parse = () => parseStoredItem(item as unknown as Record<string, AttributeValue>);
        if (item) judge(() => this.#promises.itemWritten(Object.keys(item), parse));
        return response;
      },
    };
    world.ivsChat = {
      ...world.ivsChat,
      handle: async (request) => {
        const response = await this.#ivsChat.handle(request);
        judge(() => this.#promises.roomsChanged(this.rooms().filter(({ tags }) => tags[KEY_TAG] === ledgerKey(KEY))));
        return response;
      },
    };
    const { sns } = messaging;
    messaging.sns = (request) => {
      const response = sns(request);
      const last = messaging.published.at(-1);
      if (last) judge(() => this.#promises.published(eventOf(last)));
      return response;
    };
  }

  readonly #handle: Handle = (event, context, { world, clients, deadLetters }) => {
    const { createServices, processBatch } = this.#provisioning;
    const { random } = world;
    const services = createServices({
      config,
      clients,
      clock: systemClock,
      random,
      log: logOf(world),
      meter: silentMeter,
    });
    return processBatch(event, context, services, { deadLetters });
  };

  /** The rooms that greenroom has created. */
  #ownRooms() {
    return this.rooms().filter(({ tags }) => tags[KEY_TAG] !== undefined);
  }

  #countedRooms() {
    const named = this.world.dynamodb.items('ledger').map(({ room_arn }) => room_arn?.S);
    return this.#ownRooms().filter(({ arn }) => !this.#disregarded.has(arn) || named.includes(arn));
  }

  #itemOf(id: string | undefined) {
    const item = this.world.dynamodb.items('ledger').find((each) => each.id?.S === id);
    const stored = item && parseStoredItem(item as unknown as Record<string, AttributeValue>);
    return isClaimed(stored) ? stored : undefined;
  }
}
