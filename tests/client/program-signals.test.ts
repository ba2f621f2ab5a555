import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type Greenroom, greenroomOn } from '../../client/greenroom.ts';
import { createProgramBench } from './program-stage.ts';

const STARTS_AT = '2026-12-18T20:00:00Z';
const event = { liveEventId: 'final', revision: 1, startsAt: STARTS_AT, rooms: [{ key: 'main', room: {} }] };
const request = { idempotencyKey: 'key', room: {} };

const OPERATIONS: Record<string, (greenroom: Greenroom, signal: AbortSignal) => Promise<unknown>> = {
  requestRoom: (greenroom, signal) => greenroom.requestRoom(request, { signal }),
  requestRooms: (greenroom, signal) => greenroom.requestRooms([request], { signal }),
  roomFor: (greenroom, signal) => greenroom.roomFor('key', { signal }),
  waitFor: (greenroom, signal) => greenroom.waitFor('key', { signal, timeoutSeconds: 0 }),
  schedule: (greenroom, signal) => greenroom.schedule(event, { signal }),
  cancel: (greenroom, signal) => greenroom.cancel('final', { signal }),
  release: (greenroom, signal) => greenroom.release('key', { releaseAt: null, signal }),
  releaseRooms: (greenroom, signal) => greenroom.releaseRooms(['key'], { releaseAt: null, signal }),
  importRooms: (greenroom, signal) => greenroom.importRooms({ name: 'a.csv', content: 'key\n' }, { signal }),
};

describe.each(Object.entries(OPERATIONS))('%s', (_name, operate) => {
  test('rejects with the reason of its signal, even while it waits for something that ignores the signal', async () => {
    const ending = new AbortController();
    const stuck = greenroomOn({ open: () => new Promise(() => undefined), close: async () => undefined });
    const operation = operate(stuck, ending.signal);
    ending.abort(new Error('stop'));
    // It must fail here, and not wait for a timeout, if the signal is ignored.
    await expect(Promise.race([operation, nextTurn('still waiting')])).rejects.toThrow('stop');
  });

  test('calls nothing if its signal has been aborted before', async () => {
    const { greenroom, calls } = createProgramBench();
    await expect(operate(greenroom, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(calls).toEqual([]);
  });

  test('leaves no listener on a signal that the program uses again', async () => {
    const { signal } = new AbortController();
    await operate(createProgramBench().greenroom, signal).catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
