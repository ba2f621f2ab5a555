import { BatchWriteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { ExaminedRoom } from '../../client/operate/examine-room.ts';
import { rebuildLedger } from '../../client/operate/rebuild-ledger.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { KEY_TAG } from '../../lib/ledger/room-tags.ts';
import { REGION } from '../alarms/compiled-template.ts';
import { type Deployment, MINUTE_MS } from '../alarms/deployment.ts';
import { must } from '../support/must.ts';

const LEDGER = 'greenroom-prod-ledger';
const PACE = 'greenroom-prod-pace';
/** The queues whose functions use the ledger. */
const MAPPINGS = ['interactive', 'bulk', 'redrive', 'interactive-dead-letters', 'bulk-dead-letters'];
/** The runbook waits this long after it has stopped the functions: a timeout and the settle time. */
export const STOPPED_MS = 20 * MINUTE_MS;

export type Backup = NonNullable<Awaited<ReturnType<typeof backUp>>>;

export async function backUp({ services }: Deployment) {
  const { Items = [] } = await services.clients.dynamodb.send(new ScanCommand({ TableName: LEDGER }));
  return Items;
}

/** The table as the backup shows it. */
export async function restore(backup: Backup, at: Deployment): Promise<void> {
  const { dynamodb } = at.services.clients;
  for (const { id } of await backUp(at)) {
    const deletion = { DeleteRequest: { Key: { id: must(id) } } };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [LEDGER]: [deletion] } }));
  }
  for (const Item of backup) await dynamodb.send(new PutItemCommand({ TableName: LEDGER, Item }));
}

/** What the commands of the runbook use. */
export function commandsOf(at: Deployment) {
  const { dynamodb, ivsChat } = at.services.clients;
  return { stage: 'prod', region: REGION, dynamodb, ledgerTable: LEDGER, paceTable: PACE, ivsChat };
}

/** Runs the command of the runbook. @returns the rooms that it examined */
export async function rebuild(at: Deployment, backupMs: number, writes = true): Promise<ExaminedRoom[]> {
  const settings = { backupMs, writes, clock: at.time, signal: new AbortController().signal };
  const examined: ExaminedRoom[] = [];
  const rebuilding = (async () => {
    for await (const room of rebuildLedger(commandsOf(at), settings)) examined.push(room);
  })();
  await at.run(5 * MINUTE_MS);
  await rebuilding;
  return examined;
}

/** Sends a request, and lets a minute pass. */
export async function ask(
  at: Deployment,
  idempotencyKey: string,
  { queue = 'interactive', name = 'hall', region = REGION } = {},
) {
  at.queue(queue).send(JSON.stringify({ idempotencyKey, room: { name }, region }));
  await at.run(MINUTE_MS);
}

export function setMappings(at: Deployment, isEnabled: boolean): void {
  for (const queue of MAPPINGS) at.setEnabled(queue, isEnabled);
}

export const completions = (at: Deployment) => at.services.messaging.published.map(({ body }) => JSON.parse(body));
export const roomsOf = (at: Deployment, key: string) =>
  at.services.ivsChat.rooms().filter(({ tags }) => tags[KEY_TAG] === ledgerKey(key));
