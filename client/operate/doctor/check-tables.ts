import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Deployment } from '../../deployment.ts';
import { attempt, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, notChecked, type Observation } from './finding.ts';

interface CheckedTable {
  name: string;
  /** The attribute that contains an item's time to live. Undefined if the content can be rebuilt, so that the table needs no backups. */
  expiresAt: string | undefined;
}

const EXPIRES_AT = 'expires_at';

/** Whether the tables exist, and are protected as in the template. */
export async function checkTables({ deployment }: ExaminedStage): Promise<Observation[]> {
  const { ledgerTable, paceTable, rosterTable } = deployment;
  const tables: CheckedTable[] = [
    { name: ledgerTable, expiresAt: EXPIRES_AT },
    { name: rosterTable, expiresAt: EXPIRES_AT },
    { name: paceTable, expiresAt: undefined },
  ];
  const observations = await Promise.all(
    tables.map(async (table) => [
      ...(await attempt(`the table ${table.name}`, () => checkProtection(table, deployment))),
      ...(await attempt(`the backups of ${table.name}`, () => checkBackups(table, deployment))),
      ...(await attempt(`the time to live of ${table.name}`, () => checkTimeToLive(table, deployment))),
    ]),
  );
  return observations.flat();
}

async function checkProtection({ name }: CheckedTable, { dynamodb }: Deployment): Promise<Observation[]> {
  const read = new DescribeTableCommand({ TableName: name });
  const response = await callUnlessAbsent('dynamodb:DescribeTable', ['ResourceNotFoundException'], () =>
    dynamodb.send(read),
  );
  if (response?.Table === undefined)
    return [
      finding(
        'table-missing',
        `There is no table ${name}`,
        'Restore the table from a backup before you deploy: with an empty ledger, greenroom could create duplicate rooms (docs/operations.md, "Restore the ledger")',
      ),
    ];
  const { DeletionProtectionEnabled: isProtected } = response.Table;
  if (isProtected === undefined)
    return [
      notChecked(`the deletion protection of ${name}`, 'DescribeTable does not report it, as in the embedded stack'),
    ];
  if (isProtected) return [];
  return [
    finding(
      'table-unprotected',
      `The table ${name} can be deleted with a single call`,
      `aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`,
    ),
  ];
}

async function checkBackups({ name, expiresAt }: CheckedTable, { dynamodb }: Deployment): Promise<Observation[]> {
  if (expiresAt === undefined) return [];
  const read = new DescribeContinuousBackupsCommand({ TableName: name });
  const absent = ['TableNotFoundException', 'ResourceNotFoundException'];
  const response = await callUnlessAbsent('dynamodb:DescribeContinuousBackups', absent, () => dynamodb.send(read));
  const backups = response?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  if (response === undefined || backups?.PointInTimeRecoveryStatus === 'ENABLED') return [];
  return [
    finding(
      'point-in-time-recovery-off',
      `The table ${name} has no point-in-time recovery: a mistake cannot be undone`,
      `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    ),
  ];
}

async function checkTimeToLive({ name, expiresAt }: CheckedTable, { dynamodb }: Deployment): Promise<Observation[]> {
  if (expiresAt === undefined) return [];
  const read = new DescribeTimeToLiveCommand({ TableName: name });
  const response = await callUnlessAbsent('dynamodb:DescribeTimeToLive', ['ResourceNotFoundException'], () =>
    dynamodb.send(read),
  );
  if (response === undefined) return [];
  const { TimeToLiveStatus: status, AttributeName: attribute } = response.TimeToLiveDescription ?? {};
  const isOn = status === 'ENABLED' || status === 'ENABLING';
  if (isOn && attribute === expiresAt) return [];
  const what = isOn ? `uses the attribute ${attribute}` : 'is off';
  return [
    finding(
      'time-to-live-off',
      `The time to live of the table ${name} ${what}: its items are never deleted`,
      `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=${expiresAt}`,
    ),
  ];
}
