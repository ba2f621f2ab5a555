import { readFileSync } from 'node:fs';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../../lib/contract/regions.ts';
import { stageTag } from '../../../lib/ledger/room-tags.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';
import { sendTo } from './parked-queue.ts';

const BACKUP_TIME = new Date(Date.now() - 60_000).toISOString();
const KEY = 'rebuilt/key';
const COMPARING = `Comparing the rooms since ${BACKUP_TIME} with the ledger of stage local.\n`;
const LOST = 'Release times that were set after the backup are lost, and so are decisions to keep rooms.';

let cli: CliStack;
beforeAll(async () => {
  cli = await openCliStack();
}, 60_000);
afterAll(() => cli.close());

const itemKey = () => ({ TableName: cli.deployment.ledgerTable, Key: { id: { S: ledgerKey(KEY) } } });

async function itemOf() {
  const { Item } = await cli.deployment.dynamodb.send(new GetItemCommand({ ...itemKey(), ConsistentRead: true }));
  return Item;
}

/** The arguments of the runbook's commands, in their order, for this stack. */
function commandsOfTheRunbook(): string[][] {
  const guide = readFileSync('docs/operations.md', 'utf8');
  const commands = [...guide.matchAll(/^npx greenroom (rebuild-ledger .*)$/gm)].map(([, command = '']) => command);
  return commands.map((command) =>
    command.replace('"$BACKUP_TIME"', BACKUP_TIME).replace('--stage prod', '--stage local').split(' '),
  );
}

/** The list shows a room a moment after its creation. */
async function untilListed(arn: string | undefined, region: Region): Promise<void> {
  await until(async () => {
    const { rooms = [] } = await cli.deployment.ivsChat(region).send(new ListRoomsCommand({}));
    return rooms.some((room) => room.arn === arn) || undefined;
  });
}

async function run(...args: string[]) {
  const child = cli.greenroom(args);
  return { code: await child.ended, stdout: child.stdout, stderr: child.stderr };
}

test("the runbook's commands show what the restored ledger lacks, and rebuild it; the next request gets the old room", async () => {
  const send = async () => {
    const body = JSON.stringify({ idempotencyKey: KEY, room: { name: 'hall' } });
    await sendTo(cli.deployment, await cli.deployment.queueUrl('interactive'), body);
    return until(async () => {
      const item = await itemOf();
      return item?.status?.S === 'COMPLETED' ? item : undefined;
    });
  };
  const before = await send();
  await cli.deployment.dynamodb.send(new DeleteItemCommand(itemKey()));

  const [showing, rebuilding, ...others] = commandsOfTheRunbook();
  expect(others).toEqual([]);
  const arn = must(before.room_arn?.S);
  await untilListed(arn, 'eu-west-1');
  const line = `missing  eu-west-1  ${arn}  ${ledgerKey(KEY)}`;
  expect(await run(...must(showing))).toEqual({
    code: 0,
    stdout: `${line}\nWould rebuild 1 items (1 missing, 0 behind, 0 undecided). 0 rooms are known.\nNothing was written. Run the command again with --confirm.\n`,
    stderr: `${COMPARING}${LOST} Releases continue: to stop them now, use greenroom release --stop.\n`,
  });
  expect(await itemOf()).toBeUndefined();
  expect(await run(...must(rebuilding))).toEqual({
    code: 0,
    stdout: `${line}\nRebuilt 1 items (1 missing, 0 behind, 0 undecided). 0 rooms are known.\n`,
    stderr: `${COMPARING}${LOST} Releases are stopped: review them before greenroom release --resume.\n`,
  });
  expect((await run('pace')).stdout.match(/since/g)).toHaveLength(REGIONS.length);
  expect((await run(...must(showing))).stderr).toContain('Releases are stopped');
  expect((await run('status', KEY)).stdout).toContain(
    `rebuilt from the tags of ${arn}: the next request gets this room`,
  );
  const after = await send();
  expect(JSON.parse(must(after.completion?.S)).id).toBe(JSON.parse(must(before.completion?.S)).id);
  const counts = { rebuilt: true, known: 1, missing: 0, behind: 0, undecided: 0, twin: 0, untagged: 0, damaged: 0 };
  expect((await run(...must(rebuilding), '--json')).stdout).toBe(`${JSON.stringify(counts)}\n`);
}, 60_000);

test('rooms that cannot be used are shown, and the command fails', async () => {
  const item = must(await itemOf());
  const { dynamodb, ledgerTable: TableName } = cli.deployment;
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...item, schema_version: { N: '99' } } }));
  const tags = { 'greenroom:stage': stageTag({ stage: 'local', deploymentRegion: 'eu-west-1' }) };
  const { arn } = await cli.deployment.ivsChat('us-west-2').send(new CreateRoomCommand({ tags }));
  await untilListed(arn, 'us-west-2');
  const { code, stdout } = await run('rebuild-ledger', '--backup-time', BACKUP_TIME, '--confirm');
  expect(code).toBe(1);
  expect(stdout.split('\n').slice(0, -1)).toEqual([
    `untagged  us-west-2  ${arn}  no key`,
    `damaged  eu-west-1  ${item.room_arn?.S}  ${ledgerKey(KEY)}`,
    'Rebuilt 0 items (0 missing, 0 behind, 0 undecided). 0 rooms are known.',
    "2 rooms cannot be used: 0 with the claim of an older room, 1 without greenroom's tags, 1 with an item that cannot be read.",
  ]);
});

test('a stage without a ledger is refused, because none of its rooms would be found', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const env = { AWS_ENDPOINT_URL: cli.stack.endpoint, AWS_REGION: 'eu-west-1', ...keys };
  const args = ['rebuild-ledger', '--backup-time', BACKUP_TIME, '--confirm', '--stage', 'prd'];
  const child = cli.greenroom(args, { env });
  expect(await child.ended).toBe(1);
  expect(child.stdout).toBe('');
  const remedy =
    'deploy it (npx serverless deploy --stage prd --region eu-west-1), or choose another one with --stage or --region';
  expect(child.stderr).toContain(`error: There is no stage prd in eu-west-1 in this account: ${remedy}\n`);
});

test.each([
  [[], "required option '--backup-time <time>' not specified"],
  [['--backup-time', 'yesterday'], 'It must be a time in the past'],
  [['--backup-time', '2999-01-01T00:00:00Z'], 'It must be a time in the past'],
])('without the time of the backup, nothing is examined: %j', async (args, problem) => {
  const { code, stderr } = await run('rebuild-ledger', ...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(problem)]);
});
