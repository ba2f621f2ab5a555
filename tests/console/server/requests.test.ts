import { CreateRoomCommand, DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CheckAnswer, FoundRequests, RequestView, SendAnswer } from '../../../console/api/requests.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type ConsoleCalls, openConsoleCalls } from './console-calls.ts';

describe('the calls about requests', () => {
  let calls: ConsoleCalls;
  const find = (text: string, by?: string) =>
    calls.get<FoundRequests>('requests/find', { text, ...(by !== undefined && { by }) });
  const view = async (key: string) => (await calls.get<RequestView>('requests/view', { key })).answer;
  const check = async (message: unknown) =>
    (await calls.post<CheckAnswer>('requests/check', { body: JSON.stringify(message) })).answer;
  const send = async (message: unknown, lane = 'interactive') =>
    (await calls.post<SendAnswer>('requests/send', { body: JSON.stringify(message), lane })).answer;
  const finished = (key: string) =>
    until(async () => {
      const seen = await view(key);
      return seen.state === 'completed' ? seen : undefined;
    });

  /** Repeats the search, because IVS Chat lists a new room late. */
  const findNamed = (name: string, by?: string) =>
    until(async () => {
      const { answer } = await find(name, by);
      return answer.by === 'name' && answer.found.length > 0 ? answer : undefined;
    });

  async function sendElsewhere(message: object): Promise<void> {
    const { sqs, queueUrl } = calls.deployment;
    const MessageBody = JSON.stringify(message);
    await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl('interactive'), MessageBody }));
  }

  beforeAll(async () => {
    calls = await openConsoleCalls();
    await send({
      idempotencyKey: 'final/main',
      room: { name: 'final-2026', tags: { show: 'final' } },
      tenant: 'sports',
    });
    await finished('final/main');
  });

  afterAll(() => calls.close());

  test('a request has its state, its room, its completion and all steps since it was sent', async () => {
    const seen = await view('final/main');
    expect(seen).toMatchObject({
      ...{ state: 'completed', region: 'eu-west-1', tenant: 'sports', roomName: 'final-2026' },
      sent: [{ lane: 'interactive', kind: 'request', expected: 'new' }],
      completion: { subject: 'final/main', data: { outcome: 'created', room: { arn: seen.roomArn } } },
    });
    const texts = seen.past.map(({ text }) => text);
    expect(texts[0]).toBe('sent from this console to the interactive lane');
    expect(texts.at(-1)).toBe('completed: the completion was published');
    const times = seen.past.flatMap(({ atMs }) => atMs ?? []);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(seen.present.map(({ text }) => text)).toEqual(['the ledger keeps the key until then']);
  });

  test('a request can be found by its key, and by the ARN and the name of its room', async () => {
    const { roomArn } = await view('final/main');
    const key = ledgerKey('final/main');
    expect((await find('final/main')).answer).toEqual({
      ...{ by: 'key', hasMore: false, mayBeName: false },
      found: [{ kind: 'request', ledgerKey: key, idempotencyKey: 'final/main' }],
    });
    const room = [{ kind: 'request', ledgerKey: key, roomArn }];
    expect((await find(must(roomArn))).answer).toMatchObject({ by: 'arn', found: room });
    expect(await findNamed(' final-2026 ')).toMatchObject({ found: room });
    const { answer } = await calls.get<RequestView>('requests/view', { ledgerKey: key });
    expect(answer).toMatchObject({ idempotencyKey: 'final/main', state: 'completed' });
  });

  test('a text that is a key shows the request, and the rooms with that name are searched only on demand', async () => {
    await send({ idempotencyKey: 'final-2026', room: {} });
    await finished('final-2026');
    const { answer } = await find('final-2026');
    expect(answer).toMatchObject({ by: 'key', mayBeName: true, found: [{ idempotencyKey: 'final-2026' }] });
    expect(await findNamed('final-2026', 'name')).toMatchObject({ found: [{ ledgerKey: ledgerKey('final/main') }] });
  });

  test('an unknown key is shown as unknown, and an empty search is a problem', async () => {
    expect((await find('nobody/asked')).answer).toMatchObject({
      by: 'key',
      found: [{ idempotencyKey: 'nobody/asked' }],
    });
    expect(await view('nobody/asked')).toMatchObject({
      ...{ state: 'unknown', past: [] },
      sendAgain: { kind: 'form', fields: { idempotencyKey: 'nobody/asked' } },
    });
    const [empty, neither] = [await find(' '), await calls.get('requests/view')];
    expect([empty.status, neither.status]).toEqual([400, 400]);
    expect(neither.answer.problem).toContain('key or ledgerKey is required');
  });

  test('a room of another program is shown as foreign, and an ARN without a room says so', async () => {
    const ivsChat = calls.deployment.ivsChat('eu-west-1');
    const { arn } = await ivsChat.send(new CreateRoomCommand({ name: 'strange' }));
    const problem = 'the room has no greenroom tag: another program created it';
    for (const { found } of [await findNamed('strange'), (await find(must(arn))).answer])
      expect(found).toEqual([{ kind: 'foreign', roomArn: arn, problem }]);
    await ivsChat.send(new DeleteRoomCommand({ identifier: arn }));
    const { status, answer } = await find(must(arn));
    expect([status, answer.problem]).toEqual([422, expect.stringContaining('it was deleted')]);
  });

  test('verifying asks IVS Chat whether the room still exists', async () => {
    await send({ idempotencyKey: 'verify/room', room: {} });
    const { roomArn } = await finished('verify/room');
    const verify = async () => (await calls.get<RequestView>('requests/verify', { key: 'verify/room' })).answer;
    expect(await verify()).toMatchObject({ state: 'completed', roomCheck: { exists: true } });
    await calls.deployment.ivsChat('eu-west-1').send(new DeleteRoomCommand({ identifier: roomArn }));
    expect((await view('verify/room')).state).toBe('completed');
    const { state, present } = await verify();
    expect(state).toBe('room-deleted');
    expect(present.map(({ text }) => text)).toContain('checked: IVS Chat has no such room: it was deleted');
  });

  test('a check lists all problems in the words of the service', async () => {
    const { kind, problems } = await check({
      ...{ idempotencyKey: '', tenant: 'a b', region: 'eu-west-9', rooom: 1 },
      room: { name: 'with space', maximumMessageLength: 1_000 },
    });
    expect(kind).toBe('refused');
    expect(problems.map(({ path }) => path).toSorted()).toEqual(
      [
        'idempotencyKey',
        'idempotencyKey',
        'region',
        'room.maximumMessageLength',
        'room.name',
        'rooom',
        'tenant',
      ].toSorted(),
    );
    expect(problems).toContainEqual({ path: 'rooom', message: 'is not a known field: did you mean "room"?' });
  });

  test('a check predicts what greenroom would do with the request', async () => {
    const room = { name: 'final-2026', tags: { show: 'final' } };
    const request = { idempotencyKey: 'final/main', room };
    expect(await check({ ...request, idempotencyKey: 'check/new' })).toMatchObject({
      kind: 'request',
      expected: 'new',
    });
    expect(await check(request)).toMatchObject({ problems: [], region: 'eu-west-1', expected: 'replay' });
    expect(await check({ ...request, room: {} })).toMatchObject({ expected: 'other-payload' });
    expect(await check({ ...request, idempotencyKey: 'live/1' })).toMatchObject({ kind: 'refused' });
  });

  test('a message in an envelope can be sent, and a message with problems cannot', async () => {
    const detail = { idempotencyKey: 'enveloped', room: {} };
    const sent = await send({ 'detail-type': 'Room Requested', source: 'x', detail }, 'bulk');
    expect(sent).toMatchObject({ kind: 'sent', idempotencyKey: 'enveloped', message: { lane: 'bulk' } });
    expect((await finished('enveloped')).sent).toHaveLength(1);
    expect(await send({ idempotencyKey: 'refused' })).toEqual({
      kind: 'refused',
      problems: [{ path: 'room', message: 'is required' }],
    });
    expect(await view('refused')).toMatchObject({ state: 'unknown', sent: [] });
  });

  test('a request is sent again unchanged, or rebuilt if the hash in the ledger confirms it', async () => {
    const room = { name: 'again', maximumMessageLength: 100, messageReviewHandler: { fallbackResult: 'DENY' } };
    const here = { idempotencyKey: 'again/here', room, correlationId: 'c-1' };
    await send(here, 'bulk');
    const message = { kind: 'message', from: 'sent', lane: 'bulk', body: JSON.stringify(here) };
    expect((await finished('again/here')).sendAgain).toEqual(message);
    const elsewhere = { idempotencyKey: 'again/elsewhere', room, tenant: 'sports' };
    await sendElsewhere(elsewhere);
    const { sendAgain } = await finished('again/elsewhere');
    expect(sendAgain).toMatchObject({ kind: 'message', from: 'rebuilt', lane: 'interactive' });
    const body = 'body' in sendAgain ? sendAgain.body : '';
    expect(JSON.parse(body)).toEqual({ ...elsewhere, region: 'eu-west-1' });
    expect((await calls.post<CheckAnswer>('requests/check', { body })).answer.expected).toBe('replay');
  });

  test('a failed request of another sender can only be written again', async () => {
    calls.stack.ivsChat.inject({ operation: 'CreateRoom', times: 1, fault: { error: 'ValidationException' } });
    await sendElsewhere({ idempotencyKey: 'again/failed', room: { name: 'x' }, tenant: 'sports' });
    const { sendAgain, completion } = await finished('again/failed');
    expect(completion?.data).toMatchObject({ outcome: 'failed', reason: 'refused' });
    const fields = { idempotencyKey: 'again/failed', region: 'eu-west-1', tenant: 'sports' };
    expect(sendAgain).toEqual({ kind: 'form', fields });
    expect(await check({ ...fields, room: { name: 'y' } })).toMatchObject({ expected: 'retry' });
  });

  test('the waits of a request stay in its timeline after the ledger has removed them', async () => {
    calls.stack.ivsChat.inject({ operation: 'CreateRoom', times: 4, fault: { error: 'ConflictException' } });
    await send({ idempotencyKey: 'waits/seen', room: {} });
    const waiting = await until(async () => ((await view('waits/seen')).wait ? view('waits/seen') : undefined));
    expect(waiting).toMatchObject({ state: 'in-progress', wait: { reason: 'conflict' } });
    const { past } = await finished('waits/seen');
    expect(past).toContainEqual(
      expect.objectContaining({
        meaning: 'a resource of the room is being changed',
        text: expect.stringMatching(/^postponed.*conflict$/),
      }),
    );
  });

  test('requests of bulk jobs and live events are not sent by the console', async () => {
    const { sendAgain } = await view('bulk/season/7');
    expect(sendAgain).toEqual({ kind: 'none', reason: expect.stringContaining('Only greenroom sends') });
  });
});
