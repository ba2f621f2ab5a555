import { describe, expect, test } from '@jest/globals';
import { bulkJobId, isLater, namedJobId, readNotices } from '../../../lib/bulk/manifest-notice.ts';

const object = { bucket: 'b', key: 'manifests/a.csv', etag: 'e' };

test.each<[string, object, Parameters<typeof isLater>[1], boolean]>([
  ['a greater sequencer', { sequencer: '0055AED6DCD90281E6' }, { sequencer: '0055AED6DCD90281E5' }, true],
  ['the same one', { sequencer: '0055AED6' }, { sequencer: '0055AED6' }, false],
  ['one of another length', { sequencer: '0055AED7' }, { sequencer: '0055AED6DCD90281E5' }, true],
  ['a shorter one of the same beginning', { sequencer: '0055AED6' }, { sequencer: '0055AED6DC' }, false],
  ['the same one with zeros at its end', { sequencer: '0055AED600' }, { sequencer: '0055AED6' }, false],
  ['the same one without its zeros', { sequencer: '0055AED6' }, { sequencer: '0055AED600' }, false],
  ['a smaller one in small letters', { sequencer: '0a' }, { sequencer: '0B' }, false],
  ['a greater one in small letters', { sequencer: '0b' }, { sequencer: '0A' }, true],
  ['a smaller one, put later by the clock', { sequencer: '1', putAtMs: 9 }, { sequencer: '2', put_at: 8 }, false],
  ['a later time, without a sequencer', { putAtMs: 101 }, { put_at: 100 }, true],
  ['the same time', { putAtMs: 100 }, { sequencer: '1', put_at: 100 }, false],
  ['a time after a refusal of which no notice is known', { sequencer: '1', putAtMs: 1_001 }, undefined, true],
  ['the time of that refusal', { putAtMs: 1_000 }, undefined, false],
  ['a time before it', { sequencer: '1', putAtMs: 999 }, undefined, false],
  ['nothing to tell by', {}, undefined, false],
])('%s: later is %s', (_what, notice, seen, later) => {
  expect(isLater({ ...object, ...notice }, seen, 1_000)).toBe(later);
});

/** A notice of S3. */
const created = (more: object = {}, key = 'manifests/a.csv') => ({
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'b' }, object: { key, eTag: 'e', ...more } },
});
const read = (...records: object[]) => readNotices(JSON.stringify({ Records: records }));
const bySns = (message: object) => ({ Type: 'Notification', Message: JSON.stringify(message) });

describe('a notice says of a manifest', () => {
  test('where it is, which content it has, and if S3 tells, when it was put there', () => {
    const notice = { ...created({ size: 8, sequencer: '0055AED6' }), eventTime: '2026-12-18T12:00:00.500Z' };
    const putAtMs = Date.parse('2026-12-18T12:00:00.500Z');
    expect(read(notice).manifests).toStrictEqual([{ ...object, sequencer: '0055AED6', putAtMs }]);
    expect(read(created()).manifests).toStrictEqual([object]);
    expect(read({ ...created(), eventTime: 'yesterday' }).manifests).toStrictEqual([object]);
  });

  test('the same by EventBridge, which writes its key as it is', () => {
    const detail = { bucket: { name: 'b' }, object: { key: 'manifests/a+b%20.csv', etag: 'e' } };
    const notice = { source: 'aws.s3', 'detail-type': 'Object Created', detail };
    const expected = { ...object, key: 'manifests/a+b%20.csv' };
    expect(readNotices(JSON.stringify(notice)).manifests).toStrictEqual([expected]);
    const timed = { ...notice, time: '2026-12-18T12:00:00Z', detail: { ...detail } };
    timed.detail.object = { ...detail.object, ...{ sequencer: '0A', size: 8 } };
    const putAtMs = Date.parse('2026-12-18T12:00:00Z');
    expect(readNotices(JSON.stringify(timed)).manifests).toStrictEqual([{ ...expected, sequencer: '0A', putAtMs }]);
  });

  test('its key, which S3 encodes like a form', () => {
    expect(read(created({}, 'manifests/a+b%2B%C3%A4+%26.csv')).manifests).toMatchObject([
      { key: 'manifests/a b+ä &.csv' },
    ]);
  });
});

test.each<[string, string, object, string | undefined]>([
  ['an empty file is a manifest', 'manifests/a.csv', { size: 0 }, undefined],
  ['an empty object with a slash at its end is a folder', 'manifests/a/', { size: 0 }, 'folder'],
  ['so is one whose size is not told', 'manifests/a/', {}, 'folder'],
  ['one with content is a manifest', 'manifests/a/', { size: 1 }, undefined],
  ['elsewhere there are no manifests', 'x/manifests/a.csv', { size: 1 }, 'elsewhere'],
  ['nor folders', 'reports/', { size: 0 }, 'elsewhere'],
])('%s', (_what, key, more, why) => {
  const { manifests, ignored } = read(created(more, key));
  expect(ignored).toEqual(why === undefined ? [] : [{ key, why }]);
  expect(manifests).toHaveLength(why === undefined ? 1 : 0);
});

describe('a notice is unreadable', () => {
  test.each<[string, object]>([
    ['that SNS has wrapped twice', bySns(bySns({ Records: [created()] }))],
    ['whose key is no form text', { Records: [created({}, 'manifests/%.csv')] }],
    ['of no event', { Records: [{ s3: created().s3 }] }],
    ['of another source', { source: 'aws.ec2', 'detail-type': 'Object Created' }],
    ['of another event', { Event: 'other' }],
    ['of an SNS subscription', { ...bySns({ Records: [created()] }), Type: 'SubscriptionConfirmation' }],
  ])('%s', (_what, body) => {
    expect(() => readNotices(JSON.stringify(body))).toThrow();
  });

  test('and wrapped by SNS once it is not', () => {
    expect(readNotices(JSON.stringify(bySns({ Records: [created()] }))).manifests).toHaveLength(1);
  });
});

test.each(['ObjectRemoved:Delete', 'ObjectRestore:Completed'])(
  '%s is no new object, whatever else S3 tells of it',
  (eventName) => {
    expect(read({ ...created(), eventName })).toEqual({ manifests: [], ignored: [] });
  },
);

test('ids of jobs differ by bucket, key, content and name, and not by how these are cut', () => {
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
