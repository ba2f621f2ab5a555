import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../../support/gateway-clients.ts';
import { type CodeBlock, codeBlocks, sampleRequest } from '../../support/markdown-recipes.ts';
import { isInstalled, openRecipeStack, type RecipeStack } from './recipe-stack.ts';

const PAGE = 'docs/recipes.md';
/** tests/local/stack/start.test.ts runs the recipes that start a stack of their own. */
const startsStack = (blocks: readonly CodeBlock[]) => blocks.some(({ text }) => text.startsWith('npm start'));
const sections = [...Map.groupBy(codeBlocks(PAGE), ({ heading }) => heading)].filter(
  ([, blocks]) => !startsStack(blocks),
);
const missing = [
  ...(isInstalled('recipes with the AWS CLI', 'aws', ['--version']) ? [] : ['aws']),
  ...(isInstalled('the Python recipe', 'python3', ['-c', 'import boto3']) ? [] : ['python3']),
];
const PROGRAM = resolve('dist/cli/greenroom.js');
const CLIENT = resolve('dist/client/index.js');
const BLOCK_END = '--- end of block ---';

let upstream: RecipeStack;
beforeAll(async () => {
  upstream = await openRecipeStack();
  await followReadme(upstream);
}, 60_000);
afterAll(() => upstream.close());

/** A reader has sent the sample and the requests of the README before, so the recipes must not use their keys for other rooms. */
async function followReadme({ run, runProgram, folder }: RecipeStack): Promise<void> {
  const blocks = codeBlocks('README.md');
  const request = blocks.find(({ language }) => language === 'json')?.text ?? '';
  const program = blocks.find(({ language }) => language === 'ts')?.text ?? '';
  const local = program.replace("stage: 'prod'", "stage: 'local'").replace("'greenroom'", JSON.stringify(CLIENT));
  const ran = await run(process.execPath, { 'readme.mjs': local });
  expect(ran).toMatchObject({ exitCode: 0 });
  // The time in the README passes by.
  const { neededBy: _time, ...shown } = JSON.parse(request);
  const requests = [shown, sampleRequest()];
  writeFileSync(join(folder, 'readme.json'), JSON.stringify(requests));
  const sent = await runProgram(process.execPath, [PROGRAM, 'send', 'readme.json', '--wait']);
  expect(sent).toMatchObject({ exitCode: 0, output: expect.stringContaining('2 provisioned') });
}

/**
 * The parts of an output that differ from run to run: times, durations, ids and the ends of ARNs. Repeated spaces count as one, because a
 * column is as wide as its longest value.
 */
function withoutVariables(output: string): string {
  return output
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\b/g, 'MINUTE')
    .replaceAll(/room\/\w{12}/g, 'room/ID')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(/"count": \d+/g, '"count": N')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'UUID')
    .replaceAll(/\b[0-9a-f]{8}\b/g, 'SHORT-ID')
    .replaceAll(/ +/g, ' ')
    .trim();
}

/** The commands of a section, each block with the output that follows it. A block without an output may print anything. */
function stepsOf(blocks: readonly CodeBlock[]): { commands: string; output: string | undefined }[] {
  return blocks.flatMap(({ language, text }, index) => {
    const next = blocks[index + 1];
    return language === 'sh' ? [{ commands: text, output: next?.language === 'text' ? next.text : undefined }] : [];
  });
}

/** Runs the blocks of a section in one shell, so that its variables last. @returns the output of each block */
async function runSteps(steps: { commands: string }[]): Promise<string[]> {
  // Hints then name commands as a reader has to type them.
  const asNpx = `npm_lifecycle_event=npx npm_lifecycle_script="'greenroom'"`;
  const npx = `npx() { shift; ${asNpx} "${process.execPath}" "${PROGRAM}" "$@"; }`;
  const script = steps.map(({ commands }) => `${commands}echo '${BLOCK_END}'\n`).join('');
  const { output } = await upstream.runCommands(`exec 2>&1\n${npx}\n${script}`);
  return output.split(`${BLOCK_END}\n`);
}

test.each(sections)(
  'the commands under "%s" print what the page shows',
  async (heading, blocks) => {
    const steps = stepsOf(blocks);
    expect([heading, steps.some(({ output }) => output !== undefined)]).toEqual([heading, true]);
    const needs = (program: string) =>
      steps.some(({ commands }) => new RegExp(`(^|\\$\\()${program} `, 'm').test(commands));
    if (missing.some(needs)) return;
    const printed = await runSteps(steps);
    for (const [index, { commands, output }] of steps.entries()) {
      if (output === undefined) continue;
      expect({ commands, output: withoutVariables(printed[index] ?? '') }).toEqual({
        commands,
        output: withoutVariables(output),
      });
    }
  },
  300_000,
);

test('no recipe uses the key of another one, or of the README, for a different room', async () => {
  expect(upstream.reused).toEqual([]);
  // Control: such a use is noticed.
  const { idempotencyKey } = sampleRequest();
  writeFileSync(join(upstream.folder, 'another.json'), JSON.stringify({ idempotencyKey, room: { name: 'another' } }));
  await upstream.runProgram(process.execPath, [PROGRAM, 'send', 'another.json', '--wait']);
  await until(async () => upstream.reused.length > 0 || undefined, 20_000);
  expect(upstream.reused).toEqual([idempotencyKey]);
});

test('control: the comparison ignores times and ids, and nothing else', () => {
  const line = (time: string, room: string, outcome: string) =>
    `${time}  ${outcome}  key  arn:aws:ivschat:x:0:room/${room}\n`;
  const shown = withoutVariables(line('2026-12-18T13:30:05.412Z', 'AbCdEf123456', 'created'));
  expect(withoutVariables(line('2030-01-01T00:00:00.000Z', 'zzzzzz999999', 'created'))).toBe(shown);
  expect(withoutVariables(line('2030-01-01T00:00:00.000Z', 'zzzzzz999999', 'adopted'))).not.toBe(shown);
});
