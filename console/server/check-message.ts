import type { Deployment } from '../../client/deployment.ts';
import { explainError } from '../../client/explain-error.ts';
import { expectedAnswer } from '../../client/operate/expected-answer.ts';
import { type PreparedRequest, prepareRequest } from '../../client/prepared-request.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { problemsIn, type ReadRequest } from '../../lib/contract/read-message.ts';
import { readLedgerItem } from '../../lib/ledger/read-ledger-item.ts';
import type { CheckAnswer } from '../api/requests.ts';

/** Reads a message as the service reads it. */
export function prepareMessage(body: string, deployment: Deployment, nowMs: number): PreparedRequest {
  return prepareRequest({ number: 1, name: 'the message', body }, { region: deployment.defaultRegion(), nowMs });
}

/** The problems of a message or, if there are no problems, what greenroom would do with it. */
export async function checkMessage(
  { read, idempotencyKey, region }: PreparedRequest,
  deployment: Deployment,
  nowMs: number,
): Promise<CheckAnswer> {
  return {
    kind: read.kind === 'request' || read.kind === 'release' ? read.kind : 'refused',
    problems: problemsIn(read),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(region !== undefined && { region }),
    ...(read.kind === 'request' && (await expectationOf(read, deployment, nowMs))),
  };
}

/** A user who may send requests may lack the permission to read the ledger. This does not prevent the sending. */
async function expectationOf(
  read: ReadRequest,
  { dynamodb, ledgerTable: tableName }: Deployment,
  nowMs: number,
): Promise<Pick<CheckAnswer, 'expected' | 'unknownBecause'>> {
  try {
    const reading = await readLedgerItem({ dynamodb, tableName }, ledgerKey(read.request.idempotencyKey));
    return { expected: expectedAnswer(reading, read, nowMs) };
  } catch (error) {
    return { unknownBecause: explainError(error) };
  }
}
