import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { codeBlocks } from '../../support/markdown-recipes.ts';

const [, oldest = ''] = /^>=([\d.]+)$/.exec(JSON.parse(readFileSync('package.json', 'utf8')).engines.node) ?? [];
const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md'), ...globSync('examples/**/*.md'), 'events/README.md'];
const LANGUAGES = ['ts', 'js', 'mjs'];

/** Whether a version of Node can parse a program without a compiler. If not, esbuild translates it into other code for this version. */
function runsOn(version: string, code: string): boolean {
  const forVersion = (target: string) => transformSync(code, { loader: 'ts', target, format: 'esm' }).code;
  return forVersion(`node${version}`) === forVersion('esnext');
}

const programs = [
  ...DOCUMENTS.flatMap((page) =>
    codeBlocks(page)
      .filter(({ language }) => LANGUAGES.includes(language))
      .map(({ heading, text }) => [`${page}, ${heading}`, text] as const),
  ),
  ...globSync('examples/**/*.ts').map((file) => [file, readFileSync(file, 'utf8')] as const),
];

test('there are programs in the documents and in the examples', () => {
  expect(programs.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'README.md, From your program',
      'docs/client.md, Request a room',
      'examples/token-service/handler.ts',
    ]),
  );
});

test.each(programs)('the oldest supported Node can run the code of %s', (_name, code) => {
  expect(runsOn(oldest, code)).toBe(true);
});

test.each(['await using greenroom = open();', 'using file = open();', '@sealed class Room {}'])(
  'control: the oldest supported Node cannot run %s',
  (code) => {
    expect(runsOn(oldest, code)).toBe(false);
  },
);
