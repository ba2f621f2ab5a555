/**
 * `npm run token -- [KEY [ROLE]]`: asks the function for a token on the local stack, and prints what the token contains. Without a running
 * stack, it starts one for this command.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readChatToken } from '../../emulator/ivschat/chat-token.ts';
import type { Answer } from './answers.ts';
import { useStack } from './own-stack.ts';
import { pathOf, tokenEvent } from './token-event.ts';

/** A room of the sample programme. */
const DEFAULT_KEY = 'matchday/final-2026/main';
const USAGE = `Usage: npm run token -- [KEY [ROLE]]

Prints a chat token for the room of a key, and what the token contains.
  KEY   default: ${DEFAULT_KEY}
  ROLE  viewer, member (default) or moderator
Without a running stack, the command starts one for itself.`;
const MAX_WAIT_MS = 60_000;
const RETRY_MS = 1_000;

type Handler = (event: unknown, context: { awsRequestId: string }) => Promise<Answer>;

/** Loads the function for this stack. It reads its environment when it is loaded, and must not find the user's own account there. */
async function loadHandler(stack: { endpoint: string; region: string }): Promise<Handler> {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_REGION: stack.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    GREENROOM_STAGE: 'local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  const { handler } = await import('./handler.ts');
  return handler;
}

/** Asks again as long as the answer has one of these statuses. */
async function ask(handler: Handler, event: unknown, retried: readonly number[]): Promise<Answer> {
  const endMs = Date.now() + MAX_WAIT_MS;
  let answer = await handler(event, { awsRequestId: 'try' });
  while (retried.includes(answer.statusCode) && Date.now() < endMs) {
    await pause(RETRY_MS);
    answer = await handler(event, { awsRequestId: 'try' });
  }
  return answer;
}

/** The arguments: a key and a role, or `help`. @throws the parser's error for an unknown option */
function readArguments(): { key: string; role: string; help: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  const [key = DEFAULT_KEY, role = 'member'] = positionals;
  return { key, role, help: values.help };
}

async function main(): Promise<number> {
  const { key, role, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const { stack, isNew, release } = await useStack();
  try {
    const event = tokenEvent(pathOf(key), { sub: 'user-42', chat_role: role });
    // 409: the room does not exist yet. 404: a new stack may not have read the request yet.
    const answer = await ask(await loadHandler(stack), event, isNew ? [404, 409] : [409]);
    console.log(`POST ${pathOf(key)}  ${answer.statusCode}\n${answer.body}`);
    if (answer.statusCode !== 201) return 1;
    console.log('\nThe token contains:');
    console.log(readChatToken(JSON.parse(answer.body).token));
    return 0;
  } finally {
    await release();
  }
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (isUsage) console.error(`\n${USAGE}`);
  return isUsage ? 2 : 1;
});
