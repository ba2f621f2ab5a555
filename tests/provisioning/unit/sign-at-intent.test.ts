import { CreateRoomCommand, IvschatClient } from '@aws-sdk/client-ivschat';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Timing } from '../../../lib/platform/config.ts';
import { createRoom } from '../../../lib/provisioning/create-room.ts';
import { type StoppedDate, stopDate } from '../../support/stopped-date.ts';

const INTENT_MS = Date.parse('2026-05-04T23:59:58.765Z');
const INTENT_ON_THE_WIRE = '20260504T235958Z';
const HOUR_MS = 3_600_000;
const SEND_WINDOW_MS = 30_000;
const timing: Timing = {
  signatureLifetimeMs: 900_000,
  listingLagMs: 60_000,
  clockErrorMs: 30_000,
  sendWindowMs: SEND_WINDOW_MS,
  settleMs: 1_020_000,
};

let sent: { headers: Record<string, string> }[];
let client: IvschatClient;
let date: StoppedDate;
/** The time of the service's clock in its answers. */
let dateHeader: Record<string, string>;

beforeEach(() => {
  date = stopDate(INTENT_MS);
  sent = [];
  dateHeader = {};
  const handle = async (request: { headers: Record<string, string> }) => {
    sent.push(request);
    const headers = { 'content-type': 'application/json', ...dateHeader };
    return { response: { statusCode: 200, headers, body: Buffer.from('{"arn":"arn"}') } };
  };
  client = new IvschatClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
    maxAttempts: 1,
    requestHandler: { handle } as unknown as IvschatClient['config']['requestHandler'],
  });
});
afterEach(() => {
  date.restore();
});

/** Calls CreateRoom with an intent, in a worker whose clock shows a later time than the intent. */
function createWithIntent(sinceIntentMs = 0) {
  const clock = { nowMs: () => INTENT_MS + sinceIntentMs, sleep: async () => undefined };
  const { signal } = new AbortController();
  return createRoom({ client, request: {}, intentMs: INTENT_MS, timing, clock, signal, awaitSlot: async () => 'send' });
}

/** The same call with the signing date that the SDK chooses. */
const createWithout = () => client.send(new CreateRoomCommand({}));

const signingDates = () => sent.map(({ headers }) => headers['x-amz-date']);

/** Pauses the process immediately before the SDK reads the signing date. */
function pauseBeforeSigning(pauseMs: number): void {
  const { signer } = client.config;
  client.config.signer = async (authScheme) => {
    date.set(INTENT_MS + pauseMs);
    return signer(authScheme);
  };
}

describe('the signing date on the wire', () => {
  test('is the second of the intent, whenever the call is sent', async () => {
    date.set(INTENT_MS + 20_000);
    expect(await createWithIntent(20_000)).toEqual({ kind: 'created', room: { arn: 'arn' } });
    expect(signingDates()).toEqual([INTENT_ON_THE_WIRE]);
  });

  test('is used for the signature, whose scope has the same day', async () => {
    date.set(INTENT_MS + 20_000);
    await createWithIntent(20_000);
    expect(sent[0]?.headers.authorization).toContain('Credential=AKID/20260504/eu-west-1/ivschat/aws4_request');
  });

  test('is not moved by a pause between the check of the send window and the signing', async () => {
    pauseBeforeSigning(20 * 60_000);
    await createWithIntent();
    await createWithout();
    expect(signingDates()).toEqual([INTENT_ON_THE_WIRE, '20260505T001958Z']);
  });

  test("is not moved by the SDK's correction of clock skew after an answer from another time", async () => {
    dateHeader = { date: new Date(INTENT_MS + HOUR_MS).toUTCString() };
    await createWithout();
    await createWithIntent();
    await createWithout();
    expect(signingDates()).toEqual([INTENT_ON_THE_WIRE, INTENT_ON_THE_WIRE, '20260505T005958Z']);
  });
});

describe('a call with an intent', () => {
  test('is sent until the end of the send window', async () => {
    expect(await createWithIntent(SEND_WINDOW_MS)).toMatchObject({ kind: 'created' });
    expect(sent).toHaveLength(1);
  });

  test('is not sent later, and is reported as never sent', async () => {
    expect(await createWithIntent(SEND_WINDOW_MS + 1)).toEqual({
      kind: 'failed',
      failure: { kind: 'never-sent', name: 'SendWindowPassedError', message: 'The send window has passed' },
    });
    expect(sent).toEqual([]);
  });
});
