import fc from 'fast-check';
import { brokenCloudEvents, brokenEventBridgeEvents, brokenNotifications, inAnyEnvelope } from './hostile-envelopes.ts';
import {
  type Hostile,
  oddNames,
  oddValues,
  outsideLimits,
  prototypeNames,
  requests,
  wrongTypes,
} from './hostile-requests.ts';
import { deepNesting, largeBodies } from './hostile-sizes.ts';

interface Kind {
  bodies: fc.Arbitrary<Hostile>;
  count: number;
}

/**
 * How many bodies of each kind are sent. `HOSTILE_COUNT=640 npm test -- bad-input` sends 10,000 messages in total, four times as many as
 * by default.
 */
const COUNT = Number(process.env.HOSTILE_COUNT ?? 160);

/** Bodies that SQS accepts and that must not become rooms. */
export const HOSTILE_KINDS: Record<string, Kind> = {
  'JSON that is cut off': { bodies: cutOff(), count: COUNT },
  'two JSON texts': { bodies: doubled(), count: COUNT },
  'comments, commas and quotes that JSON does not allow': { bodies: almostJson(), count: COUNT },
  'byte order marks': { bodies: byteOrderMarks(), count: COUNT },
  'literals that JSON does not allow': { bodies: badLiterals(), count: COUNT },
  'not an object': { bodies: noObjects(), count: COUNT },
  'values of the wrong type': { bodies: inAnyEnvelope(wrongTypes()), count: COUNT },
  'values just outside their limits': { bodies: inAnyEnvelope(outsideLimits()), count: COUNT },
  'odd characters in values': { bodies: inAnyEnvelope(oddValues()), count: COUNT },
  'odd characters in names': { bodies: inAnyEnvelope(oddNames()), count: COUNT },
  'names that objects inherit': { bodies: inAnyEnvelope(prototypeNames()), count: COUNT },
  'broken SNS notifications': { bodies: brokenNotifications(), count: COUNT },
  'broken EventBridge events': { bodies: brokenEventBridgeEvents(), count: COUNT },
  'broken CloudEvents': { bodies: brokenCloudEvents(), count: COUNT },
  'deep nesting': { bodies: deepNesting(), count: 16 },
  'of the maximum size of the queue': { bodies: largeBodies(), count: 24 },
};

/** Bodies of all kinds in turn. The same seed gives the same bodies. */
export function hostileBodies(seed: number): (Hostile & { kind: string })[] {
  const made = Object.entries(HOSTILE_KINDS).flatMap(([kind, { bodies, count }]) =>
    fc.sample(bodies, { seed, numRuns: count }).map((hostile, round) => ({ ...hostile, kind, round })),
  );
  return made.sort((a, b) => a.round - b.round);
}

function cutOff(): fc.Arbitrary<Hostile> {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  return fc.tuple(requests(), share).map(([{ json }, kept]) => ({
    body: json.slice(0, 1 + Math.floor(kept * (json.length - 1))),
  }));
}

function doubled(): fc.Arbitrary<Hostile> {
  const between = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', ',', ';', '|', '\u00a0'), maxLength: 8 });
  return fc.tuple(requests(), between, requests()).map(([one, separator, other]) => ({
    body: `${one.json}${separator}${other.json}`,
  }));
}

/** JavaScript that is not JSON. The strings of a request contain no commas, so a member follows each comma. */
function almostJson(): fc.Arbitrary<Hostile> {
  const extra = fc.constantFrom(
    '/* why */',
    '// why\n',
    '# why\n',
    ',',
    ';',
    "'a':1,",
    'a:1,',
    '"raw\nbreak":1,',
    '...a,',
  );
  const inserted = fc.tuple(requests(), fc.nat({ max: 1_000 }), extra).map(([{ json }, place, text]) => {
    const members = json.split(',');
    const before = 1 + (place % (members.length - 1));
    return { body: `${members.slice(0, before).join(',')},${text}${members.slice(before).join(',')}` };
  });
  const trailing = fc.tuple(requests(), fc.constantFrom('}', ']')).map(([{ json }, end]) => ({
    body: json.replace(end, `,${end}`),
  }));
  return fc.oneof({ arbitrary: inserted, weight: 4 }, { arbitrary: trailing, weight: 1 });
}

/** A single byte order mark at the beginning is accepted. These are refused. */
function byteOrderMarks(): fc.Arbitrary<Hostile> {
  const mark = '\ufeff';
  const breakJson = fc.constantFrom<(json: string) => string>(
    (json) => `${mark}${mark}${json}`,
    (json) => `${json}${mark}`,
    (json) => ` ${mark}${json}`,
    (json) => `{${mark}${json.slice(1)}`,
    (json) => json.replace(':', `:${mark}`),
    (json) => `\u00ef\u00bb\u00bf${json}`,
  );
  return fc.tuple(requests(), breakJson).map(([{ json }, broken]) => ({ body: broken(json) }));
}

function badLiterals(): fc.Arbitrary<Hostile> {
  const LITERALS = ['NaN', 'Infinity', '-Infinity', 'undefined', '0x1F', '01', '+1', '.5', '5.', '1_000', '1e', 'True'];
  const literal = fc.oneof(
    fc.constantFrom(...LITERALS, "'one'", '`one`', 'nil', 'new Date()', '"\\x41"', '"\\u12"'),
    fc.nat({ max: 99 }).map((number) => `0${number}`),
    fc.nat({ max: 99 }).map((number) => `${number}n`),
  );
  return fc.tuple(requests(), literal).map(([{ json }, text]) => ({ body: `${json.slice(0, -1)},"extra":${text}}` }));
}

function noObjects(): fc.Arbitrary<Hostile> {
  const TEXTS = [' ', '\n', '\t\r\n', '""', '" "', '{}', '[]', '[[]]', '[{}]', '[null]', 'null', 'true', 'false', '0'];
  const OTHERS = [
    '-0',
    '1e999',
    '-',
    '.',
    '"',
    '{',
    '}',
    '\ufeff',
    '🎭',
    '<request/>',
    'idempotencyKey=k&room=',
    '%00',
  ];
  return fc
    .oneof(
      fc.constantFrom(...TEXTS, ...OTHERS, 'undefined', '[object Object]', 'AWS', 'ping', '---\nroom: {}\n'),
      fc.double().map(String),
      fc.bigInt().map(String),
      fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text)),
      requests().map(({ json }) => `[${json}]`),
      requests().map(({ json }) => JSON.stringify(json)),
      requests().map(({ json }) => Buffer.from(json).toString('base64')),
      requests().map(({ json }) => encodeURIComponent(json)),
    )
    .map((body) => ({ body }));
}
