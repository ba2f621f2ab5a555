import { expect, test } from '@jest/globals';
import type { Asker } from '../protocol/release-promises.ts';
import { ownerOf } from './release-watch.ts';

const asker = (correlationId: string, askedAtMs: number, payloadHash = 'hall'): Asker => ({
  kind: 'request',
  correlationId,
  sentAtMs: 100,
  askedAtMs,
  wish: undefined,
  payloadHash,
});

test('of messages that were sent back at the same moment, the one that begins a generation is found by the time at which it was first sent', () => {
  const askers = [asker('request 4', 100), asker('request 2', 10, 'studio'), asker('request 3', 10)];
  const written = { sentAtMs: 100, payloadHash: 'hall' };
  expect(ownerOf(askers, { ...written, begunAfterMs: 9 })?.correlationId).toBe('request 3');
  expect(ownerOf(askers, { ...written, begunAfterMs: 99 })?.correlationId).toBe('request 4');
});

test('a message without another one like it is found although its generation begins after a failure', () => {
  const written = { sentAtMs: 100, payloadHash: 'studio', begunAfterMs: 50 };
  expect(ownerOf([asker('request 2', 60, 'studio')], written)?.correlationId).toBe('request 2');
  expect(ownerOf([asker('request 2', 60, 'hall')], written)).toBeUndefined();
});
