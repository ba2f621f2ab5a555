import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SWEEP_POSITION_KEY } from '../../../lib/pace/pace-table.ts';
import type { Deployment } from '../../deployment.ts';
import { CredentialsError, callAws, NotCheckedError } from './call-aws.ts';
import type { DoctorClients } from './clients.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { type Finding, finding, type Observation } from './finding.ts';
import { queueName, readQueue } from './queue-facts.ts';

/** `arn`: an ARN of the stage's account. `caller` is undefined if there is no STS, as in the embedded stack. */
export type Access = { kind: 'open'; arn: string; caller: string | undefined } | { kind: 'refused'; finding: Finding };

/**
 * Whether the stage exists and may be examined. The account is the account of a queue or, if the queue may not be read, the account of the
 * caller.
 */
export async function gainAccess(deployment: Deployment, clients: DoctorClients): Promise<Access> {
  let caller: string | undefined;
  try {
    caller = await readCaller(clients);
    const facts = await readQueue(deployment, queueName(deployment.stage, 'interactive'));
    if (facts === undefined) return { kind: 'refused', finding: stageMissing(deployment) };
    return { kind: 'open', arn: facts.arn, caller };
  } catch (error) {
    if (error instanceof CredentialsError) return { kind: 'refused', finding: credentialsInvalid(error) };
    if (!(error instanceof NotCheckedError)) throw error;
    if (caller === undefined) return { kind: 'refused', finding: permissionMissing(caller, error) };
    return { kind: 'open', arn: caller, caller };
  }
}

/**
 * Returns undefined if STS is not emulated. The call needs no permission:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
async function readCaller({ sts }: DoctorClients): Promise<string | undefined> {
  try {
    return (await callAws('sts:GetCallerIdentity', () => sts.getCallerIdentity({}))).Arn;
  } catch (error) {
    if (error instanceof NotCheckedError) return undefined;
    throw error;
  }
}

function credentialsInvalid({ message }: CredentialsError): Finding {
  return finding(
    'credentials-invalid',
    `AWS does not accept the credentials: ${message.replaceAll(/\s+/g, ' ')}`,
    'Sign in again, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  );
}

function stageMissing({ stage, region }: Deployment): Finding {
  return finding(
    'stage-missing',
    `There is no queue ${queueName(stage, 'interactive')} in ${region}`,
    'Deploy the stage, or choose another one with --stage or --region',
  );
}

/** Whether the caller has the permissions that nearly every command of greenroom needs. Without them, most checks cannot be made. */
export async function checkPermissions({ deployment, clients }: ExaminedStage): Promise<Observation[]> {
  const caller = await readCaller(clients);
  const attempts = [
    () => readQueue(deployment, queueName(deployment.stage, 'interactive')),
    () => callAws('dynamodb:GetItem', () => readPosition(deployment)),
  ];
  const observations = await Promise.all(
    attempts.map(async (attempt): Promise<Observation[]> => {
      try {
        await attempt();
        return [];
      } catch (error) {
        if (error instanceof NotCheckedError && error.isDenied) return [permissionMissing(caller, error)];
        // The check of the table or queue reports any other error.
        if (error instanceof CredentialsError) throw error;
        return [];
      }
    }),
  );
  return observations.flat();
}

function permissionMissing(caller: string | undefined, { message }: NotCheckedError): Finding {
  return finding(
    'permission-missing',
    `${caller ?? 'The caller'} lacks a permission that greenroom's commands need: ${message}`,
    'Add the permission to the policy of this user or role (docs/operations.md, Doctor)',
  );
}

function readPosition({ dynamodb, paceTable }: Deployment) {
  return dynamodb.send(new GetItemCommand({ TableName: paceTable, Key: SWEEP_POSITION_KEY }));
}
