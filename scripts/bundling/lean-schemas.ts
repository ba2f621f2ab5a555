import { readFile } from 'node:fs/promises';
import { parse } from '@babel/parser';
import { type Expression, type Node, type Statement, traverseFast } from '@babel/types';
import type { Plugin } from 'esbuild';

/** A part of a source file, and the text that replaces it. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Leaves out the descriptions for the published JSON Schemas, and the schemas that a function does not use. */
export const leanSchemas: Plugin = {
  name: 'lean-schemas',
  setup(build) {
    build.onLoad({ filter: /[\\/]lib[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return source.includes("from 'zod/mini'") ? { contents: withLeanSchemas(source), loader: 'ts' } : undefined;
    });
  },
};

/**
 * Replaces calls to `about` (lib/contract/about.ts) with their first argument, and lets esbuild remove the schemas that are not used. esbuild
 * knows that calls such as `z.string()` have no effect, but not that `z.string().check(…)` has none.
 */
export function withLeanSchemas(source: string): string {
  const { program } = parse(source, { sourceType: 'module', plugins: ['typescript'] });
  const edits = program.body.flatMap((statement) => schemasOf(statement).flatMap(removable));
  traverseFast(program, (node) => {
    edits.push(...withoutText(node));
  });
  return edits
    .toSorted((a, b) => b.start - a.start || b.end - a.end)
    .reduce((text, { start, end, text: replacement }) => text.slice(0, start) + replacement + text.slice(end), source);
}

/** The schemas that a statement of a module assigns to constants. */
function schemasOf(statement: Statement): Expression[] {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declaration?.type !== 'VariableDeclaration') return [];
  return declaration.declarations.flatMap(({ init }) => (init && beginsWithSchema(init) ? [init] : []));
}

function beginsWithSchema(node: Node): boolean {
  if (node.type === 'Identifier') return node.name === 'z' || node.name === 'about';
  if (node.type === 'CallExpression') return beginsWithSchema(node.callee);
  return node.type === 'MemberExpression' && beginsWithSchema(node.object);
}

/** esbuild removes the function and its call again. If the schema is not used, esbuild removes it too. */
function removable({ start, end }: Node): Edit[] {
  if (typeof start !== 'number' || typeof end !== 'number') return [];
  return [
    { start, end: start, text: '/* @__PURE__ */ (() => ' },
    { start: end, end, text: ')()' },
  ];
}

function withoutText(node: Node): Edit[] {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== 'about') return [];
  const [schema] = node.arguments;
  if (typeof node.start !== 'number' || typeof node.end !== 'number') return [];
  if (typeof schema?.start !== 'number' || typeof schema.end !== 'number') return [];
  return [
    { start: node.start, end: schema.start, text: '(' },
    { start: schema.end, end: node.end, text: ')' },
  ];
}
