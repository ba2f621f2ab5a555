import { expect, test } from '@jest/globals';
import { isLater } from '../../../lib/bulk/manifest-notice.ts';

const object = { bucket: 'b', key: 'manifests/a.csv', etag: 'e' };

test.each<[string, object, Parameters<typeof isLater>[1], boolean]>([
  ['a greater sequencer', { sequencer: '0055AED6DCD90281E6' }, { sequencer: '0055AED6DCD90281E5' }, true],
  ['the same one', { sequencer: '0055AED6' }, { sequencer: '0055AED6' }, false],
  ['one of another length', { sequencer: '0055AED7' }, { sequencer: '0055AED6DCD90281E5' }, true],
  ['a shorter one of the same beginning', { sequencer: '0055AED6' }, { sequencer: '0055AED6DC' }, false],
  ['a smaller one, put later by the clock', { sequencer: '1', putAtMs: 9 }, { sequencer: '2', put_at: 8 }, false],
  ['a later time, without a sequencer', { putAtMs: 101 }, { put_at: 100 }, true],
  ['the same time', { putAtMs: 100 }, { sequencer: '1', put_at: 100 }, false],
  ['a time after a refusal of which no notice is known', { sequencer: '1', putAtMs: 1_001 }, undefined, true],
  ['a time before it', { sequencer: '1', putAtMs: 999 }, undefined, false],
  ['nothing to tell by', {}, undefined, false],
])('%s: later is %s', (_what, notice, seen, later) => {
  expect(isLater({ ...object, ...notice }, seen, 1_000)).toBe(later);
});
