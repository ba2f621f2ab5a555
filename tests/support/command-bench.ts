import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import { S3Client } from '@aws-sdk/client-s3';
import { createBench } from './memory-bench.ts';
import { REGION } from './memory-services.ts';
import { runInProcess } from './run-in-process.ts';
import { testDeployment } from './test-deployment.ts';

/** A bench, and the command line on its services and its clock. Commands that need S3 are not possible. */
export function createCommandBench() {
  const bench = createBench();
  const { clients } = bench.services;
  const s3 = new S3Client({ region: REGION });
  const deployment = testDeployment({ ...clients, s3, stage: bench.config.stage, ivsChat: clients.ivsChat });
  const interruption = new AbortController();
  return {
    ...bench,
    deployment,
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
