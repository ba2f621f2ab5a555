import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';
import type { MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { note, type World } from '../simulation/world.ts';
import type { Provisioning } from './variants.ts';

const REGION = 'eu-west-1';

export type Backup = ReturnType<MemoryDynamoDb['items']>;

interface Restored {
  world: World;
  clients: AwsClients;
  provisioning: Provisioning;
  /** The rooms that greenroom has created. */
  rooms(): { arn: string; tags: Record<string, string>; createTime: string }[];
}

/** Replaces the ledger by its backup, and rebuilds from the rooms what it lacks. It begins when time passes. */
export function restoreLedger(backup: Backup, { world, clients, provisioning, rooms }: Restored): void {
  const operator: Worker = { name: 'operator', skewMs: 0, alive: true, frozenUntilMs: 0 };
  world.time.after(0, () =>
    currentWorker.run(operator, async () => {
      note(world, operator, `restores ${backup.length} items`);
      for (const { id } of world.dynamodb.items('ledger')) await toDynamoDb(world, 'DeleteItem', { Key: { id } });
      for (const Item of backup) await toDynamoDb(world, 'PutItem', { Item });
      const ledger = provisioning.createLedger(openTables(clients.dynamodb, systemClock), 'ledger');
      for (const { arn, tags, createTime } of rooms()) {
        const key = tags[KEY_TAG] ?? '';
        const reading = await readLedgerItem({ dynamodb: clients.dynamodb, tableName: 'ledger' }, key);
        const item = reading.kind === 'known' ? reading.item : undefined;
        const room = { arn, tags, region: REGION, createdAtMs: Date.parse(createTime), isNew: true };
        const lag = provisioning.lagBehind(room, item);
        note(world, operator, `finds that the item of ${arn} is ${lag}`);
        if (lag !== 'known' && lag !== 'untagged' && lag !== 'expired')
          await ledger.write(key, provisioning.rebuildChange(room, item, lag));
      }
    }),
  );
}

/** Changes the table directly, because a restore happens outside greenroom. */
async function toDynamoDb({ dynamodb }: World, action: string, input: object): Promise<void> {
  await dynamodb.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': `DynamoDB_20120810.${action}` },
    body: Buffer.from(JSON.stringify({ TableName: 'ledger', ...input })),
    region: REGION,
  });
}
