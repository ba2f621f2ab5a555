import { describe, expect, test } from '@jest/globals';
import { bulkJobId, isLater, namedJobId, readNotices } from '../../../lib/bulk/manifest-notice.ts';

const object = { bucket: 'b', key: 'manifests/a.csv', etag: 'e' };

test.each<[string, object, Parameters<typeof isLater>[1], boolean]>([
  ['a greater sequencer is later', { sequencer: '0055AED6DCD90281E6' }, { sequencer: '0055AED6DCD90281E5' }, true],
  ['the same sequencer is not later', { sequencer: '0055AED6' }, { sequencer: '0055AED6' }, false],
  [
    'a greater sequencer that is shorter is later',
    { sequencer: '0055AED7' },
    { sequencer: '0055AED6DCD90281E5' },
    true,
  ],
  [
    'a sequencer that is the beginning of the other is not later',
    { sequencer: '0055AED6' },
    { sequencer: '0055AED6DC' },
    false,
  ],
  [
    'the same sequencer with zeros at its end is not later',
    { sequencer: '0055AED600' },
    { sequencer: '0055AED6' },
    false,
  ],
  [
    'the same sequencer without the zeros at its end is not later',
    { sequencer: '0055AED6' },
    { sequencer: '0055AED600' },
    false,
  ],
  ['a smaller sequencer in lower case is not later', { sequencer: '0a' }, { sequencer: '0B' }, false],
  ['a greater sequencer in lower case is later', { sequencer: '0b' }, { sequencer: '0A' }, true],
  [
    'a smaller sequencer is not later, although the clock says so',
    { sequencer: '1', putAtMs: 9 },
    { sequencer: '2', put_at: 8 },
    false,
  ],
  ['without a sequencer, a later time is later', { putAtMs: 101 }, { put_at: 100 }, true],
  ['without a sequencer, the same time is not later', { putAtMs: 100 }, { sequencer: '1', put_at: 100 }, false],
  [
    'if the refused notice is not known, a time after the refusal is later',
    { sequencer: '1', putAtMs: 1_001 },
    undefined,
    true,
  ],
  ['if the refused notice is not known, the time of the refusal is not later', { putAtMs: 1_000 }, undefined, false],
  [
    'if the refused notice is not known, a time before the refusal is not later',
    { sequencer: '1', putAtMs: 999 },
    undefined,
    false,
  ],
  ['a notice with neither a sequencer nor a time is not later', {}, undefined, false],
])('%s', (_what, notice, seen, later) => {
  expect(isLater({ ...object, ...notice }, seen, 1_000)).toBe(later);
});

/** A notice of S3. */
const created = (more: object = {}, key = 'manifests/a.csv') => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'b' }, object: { key, eTag: 'e', ...more } },
});
const read = (...records: object[]) => readNotices(JSON.stringify({ Records: records }));
const bySns = (message: object) => ({ Type: 'Notification', Message: JSON.stringify(message) });

describe('a notice states', () => {
  test('the location and the content of a manifest, and when it was uploaded if S3 says so', () => {
    const notice = { ...created({ size: 8, sequencer: '0055AED6' }), eventTime: '2026-12-18T12:00:00.500Z' };
    const putAtMs = Date.parse('2026-12-18T12:00:00.500Z');
    expect(read(notice).manifests).toStrictEqual([{ ...object, sequencer: '0055AED6', putAtMs }]);
    expect(read(created()).manifests).toStrictEqual([object]);
    expect(read({ ...created(), eventTime: 'yesterday' }).manifests).toStrictEqual([object]);
  });

  test('the same if it comes by EventBridge, which does not encode the object key', () => {
    const detail = { bucket: { name: 'b' }, object: { key: 'manifests/a+b%20.csv', etag: 'e' } };
    const notice = { source: 'aws.s3', 'detail-type': 'Object Created', detail };
    const expected = { ...object, key: 'manifests/a+b%20.csv' };
    expect(readNotices(JSON.stringify(notice)).manifests).toStrictEqual([expected]);
    const timed = { ...notice, time: '2026-12-18T12:00:00Z', detail: { ...detail } };
    timed.detail.object = { ...detail.object, ...{ sequencer: '0A', size: 8 } };
    const putAtMs = Date.parse('2026-12-18T12:00:00Z');
    expect(readNotices(JSON.stringify(timed)).manifests).toStrictEqual([{ ...expected, sequencer: '0A', putAtMs }]);
  });

  test('the object key, which S3 form-encodes', () => {
    expect(read(created({}, 'manifests/a+b%2B%C3%A4+%26.csv')).manifests).toMatchObject([
      { key: 'manifests/a b+ä &.csv' },
    ]);
  });
});

test.each<[string, string, object, string | undefined]>([
  ['an empty file is a manifest', 'manifests/a.csv', { size: 0 }, undefined],
  ['an empty object with a slash at its end is a folder', 'manifests/a/', { size: 0 }, 'folder'],
  ['an object with a slash at its end and without a stated size is a folder', 'manifests/a/', {}, 'folder'],
  ['an object with a slash at its end and with content is a manifest', 'manifests/a/', { size: 1 }, undefined],
  ['an object elsewhere is not a manifest', 'x/manifests/a.csv', { size: 1 }, 'elsewhere'],
  ['nor folders', 'reports/', { size: 0 }, 'elsewhere'],
])('%s', (_what, key, more, why) => {
  const { manifests, ignored } = read(created(more, key));
  expect(ignored).toEqual(why === undefined ? [] : [{ key, why }]);
  expect(manifests).toHaveLength(why === undefined ? 1 : 0);
});

describe('a notice is unreadable', () => {
  test.each<[string, object]>([
    ['if SNS has wrapped it twice', bySns(bySns({ Records: [created()] }))],
    ['if its object key is not form-encoded', { Records: [created({}, 'manifests/%.csv')] }],
    ['without the name of an event', { Records: [{ s3: created().s3 }] }],
    ['from another source', { source: 'aws.ec2', 'detail-type': 'Object Created' }],
    ['about another event', { Event: 'other' }],
    ['if it confirms a subscription of SNS', { ...bySns({ Records: [created()] }), Type: 'SubscriptionConfirmation' }],
  ])('%s', (_what, body) => {
    expect(() => readNotices(JSON.stringify(body))).toThrow();
  });

  test('but not if SNS has wrapped it once', () => {
    expect(readNotices(JSON.stringify(bySns({ Records: [created()] }))).manifests).toHaveLength(1);
  });
});

test.each(['ObjectRemoved:Delete', 'ObjectRestore:Completed'])(
  '%s does not announce a new object, whatever else the notice contains',
  (eventName) => {
    expect(read({ ...created(), eventName })).toEqual({ manifests: [], ignored: [] });
  },
);

test('ids of jobs differ by bucket, object key, content and name, and the boundaries between these matter', () => {
  const of = (bucket: string, key: string, etag: string) => ({ bucket, key, etag });
  const ids = [
    bulkJobId(of('ab', 'c', 'd')),
    bulkJobId(of('a', 'bc', 'd')),
    bulkJobId(of('a', 'b', 'cd')),
    namedJobId(of('ab', 'c', 'd'), ''),
    namedJobId(of('ab', 'c', 'd'), 'e'),
    namedJobId(of('ab', 'c', 'de'), ''),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(bulkJobId({ ...object, ...{ sequencer: '1' } })).toBe(bulkJobId(object));
});
