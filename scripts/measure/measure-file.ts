import { dirname, join } from 'node:path';
import { parse } from '@babel/parser';
import type { Node } from '@babel/types';
import * as z from 'zod';

export interface FunctionSize {
  file: string;
  line: number;
  name: string;
  /** The function's own lines. A function inside it counts as one line here, and is measured separately. */
  lines: number;
}

export interface FileFigures {
  path: string;
  lines: number;
  /** Lines with code, and lines with a comment. A line may count as both. */
  codeLines: number;
  commentLines: number;
  functions: FunctionSize[];
  casts: number;
  anys: number;
  nonNullAssertions: number;
  suppressions: number;
  /** The project's own files that the file imports, as paths relative to the root. */
  imports: string[];
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
]);
const SUPPRESSION = /biome-ignore|@ts-ignore|@ts-expect-error|@ts-nocheck|eslint-disable/;

const locationSchema = z.object({ start: z.object({ line: z.number() }), end: z.object({ line: z.number() }) });
type Location = z.infer<typeof locationSchema>;
const tokenSchema = z.object({ type: z.unknown(), start: z.number(), end: z.number(), loc: locationSchema });

/** Parses one file and counts its contents. @throws SyntaxError if it cannot be parsed */
export function measureFile(path: string, text: string): FileFigures {
  const ast = parse(text, {
    sourceType: 'module',
    plugins: ['typescript', 'explicitResourceManagement', ...(path.endsWith('.tsx') ? (['jsx'] as const) : [])],
    tokens: true,
    createImportExpressions: true,
  });
  const nodes = [...walk(ast.program)];
  const comments = ast.comments ?? [];
  const count = (test: (node: Node) => boolean) => nodes.filter(test).length;
  return {
    path,
    lines: text.split('\n').length - 1,
    codeLines: codeLinesOf(ast.tokens ?? []),
    commentLines: linesOf(comments).size,
    functions: sizesOf(path, ast.program),
    casts: count(isCast),
    anys: count(({ type }) => type === 'TSAnyKeyword'),
    nonNullAssertions: count(({ type }) => type === 'TSNonNullExpression'),
    suppressions: comments.filter(({ value }) => SUPPRESSION.test(value)).length,
    imports: nodes.flatMap((node) => importOf(path, node)),
  };
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'loc' in value && 'start' in value;
}

/** `as const` is not counted, because the compiler checks it. */
function isCast(node: Node): boolean {
  if (node.type === 'TSTypeAssertion') return true;
  if (node.type !== 'TSAsExpression') return false;
  const { typeAnnotation: type } = node;
  const isConst =
    type.type === 'TSTypeReference' && type.typeName.type === 'Identifier' && type.typeName.name === 'const';
  return !isConst;
}

/** The functions in a node, each without the lines of the functions inside it. */
function sizesOf(file: string, node: Node, name = '(anonymous)'): FunctionSize[] {
  const sizes = childrenOf(node).flatMap((child) => sizesOf(file, child, nameOf(node) ?? name));
  if (!FUNCTIONS.has(node.type)) return sizes;
  const inside = nestedFunctions(node).reduce((sum, nested) => sum + Math.max(0, spanOf(nested) - 1), 0);
  const own = { file, line: node.loc?.start.line ?? 0, name: nameOf(node) ?? name, lines: spanOf(node) - inside };
  return [own, ...sizes];
}

/** The outermost functions inside a function. */
function nestedFunctions(node: Node): Node[] {
  return childrenOf(node).flatMap((child) => (FUNCTIONS.has(child.type) ? [child] : nestedFunctions(child)));
}

function nameOf(node: Node): string | undefined {
  // A method has a key, and an `id` that is always null.
  const named = 'id' in node && node.id ? node.id : 'key' in node ? node.key : undefined;
  return isNode(named) && named.type === 'Identifier' ? named.name : undefined;
}

function importOf(path: string, node: Node): string[] {
  const source = sourceOf(node);
  if (source?.type !== 'StringLiteral' || !source.value.startsWith('.')) return [];
  return [join(dirname(path), source.value)];
}

function sourceOf(node: Node): Node | null | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
      return node.source;
    case 'TSImportType':
      return node.argument;
    default:
      return undefined;
  }
}

function spanOf({ loc }: Node): number {
  return loc ? loc.end.line - loc.start.line + 1 : 0;
}

/** The lines that contain anything other than comments. */
function codeLinesOf(tokens: readonly unknown[]): number {
  const all = tokens.map((token) => tokenSchema.parse(token));
  const isCode = ({ type, start, end }: z.infer<typeof tokenSchema>) =>
    // The end of the file is a token with the length 0.
    end > start && type !== 'CommentLine' && type !== 'CommentBlock';
  return linesOf(all.filter(isCode)).size;
}

function linesOf(parts: readonly { loc?: Location | null | undefined }[]): Set<number> {
  return new Set(
    parts.flatMap(({ loc }) =>
      loc ? Array.from({ length: loc.end.line - loc.start.line + 1 }, (_, index) => loc.start.line + index) : [],
    ),
  );
}
