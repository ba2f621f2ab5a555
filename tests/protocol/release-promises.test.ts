import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseStoredItem } from '../../lib/ledger/ledger-item.ts';
import { claimTag } from '../../lib/ledger/room-tags.ts';
import { type Asker, ReleasePromises } from './release-promises.ts';

const COMMAND: Asker = {
  kind: 'command',
  correlationId: 'command 0',
  sentAtMs: 5,
  askedAtMs: 5,
  wish: { releaseAtMs: 1_000, wishedAtMs: 5 },
};
const CLAIM = { id: 'id', claim_id: 'claim', generation: 0 };
const ROOM = { arn: 'arn:room', tags: { 'greenroom:claim': claimTag(CLAIM) } };
const UNDECIDED = {
  schema_version: 1,
  idempotency_key: 'key',
  region: 'eu-west-1',
  payload_hash: 'hash',
  needed_by: 1,
  status: 'INPROGRESS',
  lease_token: 'token',
  lease_end: 1,
  version: 1,
  ...CLAIM,
};
const COMPLETION = {
  specversion: '1.0',
  id: '0'.repeat(64),
  source: '/greenroom/test',
  type: 'greenroom.room.provisioned.v1',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  subject: 'key',
  data: {
    idempotencyKey: 'key',
    tenant: 'default',
    region: 'eu-west-1',
    claimId: 'claim',
    generation: 0,
    outcome: 'created',
    late: false,
    room: { arn: ROOM.arn },
  },
};
const DECIDED = {
  ...UNDECIDED,
  status: 'COMPLETED',
  decision: 'room',
  decided_at: 1,
  completion: JSON.stringify(COMPLETION),
  room_arn: ROOM.arn,
};
const PROVISIONED = {
  type: 'greenroom.room.provisioned.v1',
  correlationId: undefined,
  roomArn: ROOM.arn,
  claimId: 'claim',
  generation: 0,
  superseded: false,
};

let promises: ReleasePromises;
beforeEach(() => {
  promises = new ReleasePromises(
    () => 10,
    () => [COMMAND],
  );
});

function write(item: object): void {
  promises.itemWritten(Object.keys(item), () => parseStoredItem(marshall(item)));
}

/** The promises that no scenario breaks, because the code has no place where one change would break them. */
describe('it is noticed that', () => {
  test('R6: a room is deleted that the item does not name', () => {
    promises.roomsChanged([ROOM]);
    write(UNDECIDED);
    expect(() => promises.roomsChanged([])).toThrow('R6: a room is deleted that is not the room of the item');
  });

  test('R7: a room is published that is not decided', () => {
    promises.roomsChanged([ROOM]);
    write(UNDECIDED);
    expect(() => promises.published(PROVISIONED)).toThrow('R7: a room is published that is not decided');
  });

  test('R11: the item lacks a wish that was confirmed', () => {
    promises.roomsChanged([ROOM]);
    write(DECIDED);
    promises.published(PROVISIONED);
    expect(() => promises.checkEnd()).not.toThrow();
    promises.published({
      ...PROVISIONED,
      type: 'greenroom.room.release-scheduled.v1',
      correlationId: 'command 0',
      roomArn: undefined,
    });
    expect(() => promises.checkEnd()).toThrow('R11: the item does not contain the wish that wins');
  });
});

describe('a wish that moves the boundary of its generation back', () => {
  const EARLIER: Asker = { ...COMMAND, sentAtMs: 4, askedAtMs: 4, wish: { releaseAtMs: 5, wishedAtMs: 4 } };
  const LIFTING: Asker = {
    kind: 'request',
    correlationId: 'request 0',
    sentAtMs: 60,
    askedAtMs: 3,
    wish: { releaseAtMs: 6, wishedAtMs: 3 },
    payloadHash: 'hash',
  };
  const failed = (reason: string) => ({
    decision: 'failed',
    decided_at: 50,
    completion: JSON.stringify({
      ...COMPLETION,
      type: 'greenroom.room.failed.v1',
      data: {
        ...COMPLETION.data,
        outcome: 'failed',
        reason,
        error: { name: 'Name', message: 'text' },
        retryable: true,
      },
    }),
  });
  const WISH = { schema_version: 2, release_at: 5, release_wished_at: 4, release_due_at: 5 };

  /** The earlier wish was made before the failure, so it applies to the next generation only if the boundary moves back. */
  function failBecauseDue(askers: Asker[]): void {
    promises = new ReleasePromises(
      () => 100,
      () => askers,
    );
    const next = { ...UNDECIDED, ...WISH, generation: 1 };
    write({ ...UNDECIDED, ...WISH, ...failed('refused') });
    write({ ...next, begun_after: 50 });
    write({ ...next, begun_after: 2 });
    write({ ...next, begun_after: 2, ...failed('release-due') });
  }

  test('lets the wishes after the boundary apply again, although the item contains one of them', () => {
    expect(() => failBecauseDue([EARLIER, LIFTING])).not.toThrow();
  });

  // Control: no message moves the boundary back.
  test('is necessary for that', () => {
    expect(() => failBecauseDue([EARLIER])).toThrow('R4: failed: release-due');
  });
});
