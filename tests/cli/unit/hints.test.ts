import { globSync, readFileSync } from 'node:fs';
import { parse } from '@babel/parser';
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../cli/commands.ts';

/** The code of the functions (`lib`) is left out: it does not know whether a person reads its text on a terminal. */
const FILES = globSync('{cli,client,console,local}/**/*.{ts,tsx}').filter((file) => file !== 'client/typed-command.ts');
const NAMES = COMMANDS.map(({ name }) => name).join('|');
/** A command in a form that a shell finds only if `greenroom` is in the PATH. */
const BARE = new RegExp(`(?<!npx )\\bgreenroom (?:${NAMES})\\b|\\b(?:use|run|see|type) greenroom $`);
/** Help shows the program's own name. */
const HELP = new Set(['addHelpText', 'description', 'usage', 'argument', 'option', 'Option']);

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
const childrenOf = (node: Node): Node[] => Object.values(node).flatMap((value) => [value].flat().filter(isNode));
const nameOf = (value: unknown) => (isNode(value) ? value.name : undefined);

function isHelp({ callee }: Node): boolean {
  return isNode(callee) && HELP.has(String(nameOf(callee.property) ?? callee.name));
}

/** The names of the constants that are passed to a function for help. */
function helpConstants(node: Node): unknown[] {
  const own = isHelp(node) ? [node.arguments].flat().map(nameOf) : [];
  return [...own, ...childrenOf(node).flatMap(helpConstants)];
}

/** The text of a string, of a part of a template, or of an element of the page. */
function textOf({ type, value }: Node): string {
  if (type === 'TemplateElement') return String(Object(value).raw);
  return (type === 'StringLiteral' || type === 'JSXText') && typeof value === 'string' ? value : '';
}

/** The texts of a program that name a command, outside its help and its comments. */
function hintsIn(source: string): string[] {
  if (!/greenroom [a-z$]/.test(source)) return [];
  const program: unknown = parse(source, { sourceType: 'module', plugins: ['typescript', 'jsx'] }).program;
  if (!isNode(program)) throw new Error('The parser has returned no program');
  const constants = helpConstants(program);
  const search = (node: Node): string[] => {
    if (isHelp(node)) return [];
    if (node.type === 'VariableDeclarator' && constants.includes(nameOf(node.id))) return [];
    const text = textOf(node);
    return [...(BARE.test(text) ? [text] : []), ...childrenOf(node).flatMap(search)];
  };
  return search(program);
}

test('every hint that names a command uses typed(), which adds npx if the user has typed it', () => {
  const found = FILES.flatMap((file) => hintsIn(readFileSync(file, 'utf8')).map((hint) => `${file}: ${hint}`));
  expect(found).toEqual([]);
});

test.each([
  [`note('see greenroom jobs');`, 1],
  [`note(\`To follow it: greenroom watch \${id}\`);`, 1],
  [`note(\`use greenroom \${command}\`);`, 1],
  ['const page = <p>See greenroom parked</p>;', 1],
  [`note(typed('jobs')); note('npx greenroom jobs'); // see greenroom jobs`, 0],
  ['const EXAMPLES = `$ greenroom jobs`; command.addHelpText("after", EXAMPLES).description("see greenroom jobs");', 0],
])('control: %s has %d such hints', (source, count) => {
  expect(hintsIn(source)).toHaveLength(count);
});
