import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { connectLocally } from '../../../client/deployment.ts';
import { ACCOUNT_ID } from '../../../emulator/account.ts';
import { tokenEvent } from '../../../examples/token-service/token-event.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { type LedgerReading, readLedgerItem } from '../../../lib/ledger/read-ledger-item.ts';
import { startStack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { until } from '../../support/gateway-clients.ts';
import { readYaml } from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';

const REGION = 'eu-west-1';
const USER = 'token-service';

/** A call to a service that the function has made. */
export interface FunctionCall {
  target: string;
  body: string;
}

/** A calm embedded stack, and the function of the token service with the permissions of its template, and with nothing else. */
export async function openTokenStack() {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-tokens-'));
  const dataDir = join(directory, 'data');
  const calls: FunctionCall[] = [];
  const stackLog: string[] = [];
  const stack = await startStack({
    templateFile: templateFile(resolve()),
    seed: 1,
    calm: true,
    isolation: 'thread',
    dataDir,
    onLog: (_function, line) => stackLog.push(line),
    around({ scope, request }, handle) {
      const target = request.headers['x-amz-target'] ?? request.path;
      if (scope.accessKeyId === USER) calls.push({ target, body: request.body.toString('utf8') });
      return handle(request);
    },
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: REGION, outputs: stack.outputs });
  const { policy, environment } = readTemplate();
  stack.iam.putUser(USER, policy);
  Object.assign(process.env, environment, {
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: USER,
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  const printed = captureOutput();
  // The function reads its environment when it is loaded.
  const { handler } = await import('../../../examples/token-service/handler.ts');

  mkdirSync(join(directory, '.greenroom'));
  const running = { endpoint: stack.endpoint, region: REGION, pid: process.pid, outputs: stack.outputs };
  writeFileSync(join(directory, '.greenroom/stack.json'), JSON.stringify(running));

  const read = (key: string) =>
    readLedgerItem({ dynamodb: deployment.dynamodb, tableName: deployment.ledgerTable }, ledgerKey(key));
  return {
    stack,
    deployment,
    /** A directory in which `try.ts` finds the stack. */
    directory,
    calls,
    /** @returns the answer of the function, with its body parsed */
    async post(path: string, claims?: Record<string, string>) {
      const { body, ...answer } = await handler(tokenEvent(path, claims), { awsRequestId: 'request' });
      return { ...answer, body: JSON.parse(body) };
    },
    async request(idempotencyKey: string, more: object = {}): Promise<void> {
      const MessageBody = JSON.stringify({ idempotencyKey, room: {}, ...more });
      const QueueUrl = stack.outputs.InteractiveQueue;
      await deployment.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },
    /** Waits until the ledger has this about a key. */
    untilLedger: (key: string, is: (reading: LedgerReading) => boolean) =>
      until(async () => {
        const reading = await read(key);
        return is(reading) ? reading : undefined;
      }, 60_000),
    /** Everything that the function and the stack have printed, logged or stored. */
    written: () => [...printed.texts, ...stackLog, ...textsIn(dataDir)],
    unusedPermissions: () =>
      stack.iam
        .unusedGrants()
        .filter(({ holder }) => holder === USER)
        .map(({ grant }) => grant.sid),
    async close() {
      printed.restore();
      deployment.close();
      await stack.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

export type TokenStack = Awaited<ReturnType<typeof openTokenStack>>;

/** The policy and the environment of the function in the template of the sample, for the stage `local`. */
function readTemplate(): { policy: unknown; environment: Record<string, string> } {
  const { Resources } = readYaml(readFileSync('examples/token-service/template.yml', 'utf8'));
  const { Policies, Environment } = Object(resolved(must(Resources.TokenFunction).Properties));
  return { policy: Policies[0], environment: Environment.Variables };
}

const VALUES: Record<string, string> = {
  Stage: 'local',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT_ID,
  'AWS::Partition': 'aws',
};

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return VALUES[String(value.Ref)];
  if ('Fn::Sub' in value) return String(value['Fn::Sub']).replace(/\$\{([\w:]+)\}/g, (_, name) => must(VALUES[name]));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each)]));
}

/** Collects what this process writes to its standard output and its standard error, where the function's logger writes. */
function captureOutput() {
  const texts: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  for (const stream of streams) {
    stream.write = (text: string | Uint8Array) => {
      texts.push(Buffer.from(text).toString('utf8'));
      return true;
    };
  }
  return {
    texts,
    restore(): void {
      for (const [index, stream] of streams.entries()) stream.write = must(writes[index]);
    },
  };
}

function textsIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}
