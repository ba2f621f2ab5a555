import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { S3Client } from '@aws-sdk/client-s3';
import type { Deployment } from '../../client/deployment.ts';
import { createBench } from './memory-bench.ts';
import { REGION } from './memory-services.ts';
import { runInProcess } from './run-in-process.ts';

/** A bench, and the command line on its services and its clock. Commands that need S3 or a queue's URL are not possible. */
export function createCommandBench() {
  const bench = createBench();
  const { clients } = bench.services;
  const absent = () => Promise.reject(new Error('The bench has no queues and no bucket'));
  const deployment: Deployment = {
    ...clients,
    s3: new S3Client({ region: REGION }),
    stage: bench.config.stage,
    region: REGION,
    defaultRegion: () => REGION,
    ledgerTable: 'ledger',
    paceTable: 'pace',
    rosterTable: 'rosters',
    queueUrl: absent,
    completionTopicArn: absent,
    manifestBucket: absent,
    clientSettings: {},
    guard: (client) => client,
    close: () => undefined,
  };
  const interruption = new AbortController();
  return {
    ...bench,
    /** What Ctrl-C does. */
    interrupt: () => interruption.abort(),
    run: (...args: string[]) =>
      runInProcess(args, {
        signal: interruption.signal,
        clock: bench.clock,
        findDeployment: async () => deployment,
      }),
    /** Deletes a room as a person does in the console. */
    deleteRoom: (identifier: string) => clients.ivsChat(REGION).send(new DeleteRoomCommand({ identifier })),
  };
}
