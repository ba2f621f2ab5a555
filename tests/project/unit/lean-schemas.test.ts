import { expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { withLeanSchemas } from '../../../scripts/bundling/lean-schemas.ts';

/** What esbuild makes of a module of the contract whose exports are not used, except for `used`. */
function bundledAs(source: string): string {
  const { code } = transformSync(withLeanSchemas(source), { loader: 'ts', minifySyntax: true, treeShaking: true });
  return code;
}

test('a schema takes the place of its texts', () => {
  const source =
    "export const used = z.object({ a: about(z.string(), 'text'), b: about(about(z.int(), {}), `text`) });";
  expect(bundledAs(source)).toBe('export const used = z.object({ a: z.string(), b: z.int() });\n');
});

test('a schema that is not used is left out, although it has checks', () => {
  const source =
    "const unused = about(z.string().check(z.regex(/a/)), 'text');\nexport const used = z.int().check(z.positive());";
  expect(bundledAs(source)).toBe('export const used = z.int().check(z.positive());\n');
  expect(transformSync(source, { loader: 'ts', minifySyntax: true, treeShaking: true }).code).toContain('unused');
});

test('statements and constants without schemas stay as they are', () => {
  const source = 'z.config(en());\nexport const used = [effect()];\nfunction f(): void { const a = z.int(); g(a); }';
  expect(withLeanSchemas(source)).toBe(source);
});
