import type { Deployment } from '../../client/deployment.ts';
import { REGION } from './memory-services.ts';

type Clients = 'sqs' | 'sns' | 'dynamodb' | 's3';

/** A stage of the command line on these clients. What a test does not name does not exist there: a command that needs it fails. */
export function testDeployment(given: Pick<Deployment, Clients> & Partial<Deployment>): Deployment {
  const absent = (what: string) => () => {
    throw new Error(`This stage has no ${what}`);
  };
  return {
    stage: 'test',
    region: REGION,
    defaultRegion: () => REGION,
    ledgerTable: 'ledger',
    paceTable: 'pace',
    rosterTable: 'rosters',
    ivsChat: absent('IVS Chat'),
    queueUrl: async (queue) => `https://sqs.${REGION}.amazonaws.com/000000000000/${queue}`,
    completionTopicArn: absent('topic'),
    manifestBucket: absent('bucket'),
    releaseGraceMs: async () => undefined,
    clientSettings: {},
    guard: (client) => client,
    close: () => undefined,
    ...given,
  };
}
