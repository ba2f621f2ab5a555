import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { connect, type SdkRequest, type SdkResponse, type ServiceName } from '../simulation/network.ts';
import { note, type World } from '../simulation/world.ts';
import type { Direction, Script } from './directions.ts';
import { stepOf } from './steps.ts';

/** Is told of every call before it is sent. */
export type OnStep = (worker: Worker, step: string, request: SdkRequest) => void;

/** SDK clients on the simulation's network. The directions of a worker decide what happens to its calls. */
export function createDirectedClients(world: World, script: Script, onStep: OnStep = () => undefined): AwsClients {
  const through = (service: ServiceName) => ({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    requestHandler: directed(world, service, script, onStep) as unknown as DynamoDBClient['config']['requestHandler'],
  });
  const ivsChat = new IvschatClient({ ...through('ivschat'), maxAttempts: 1 });
  const { signer } = ivsChat.config;
  // A separate step: the last moment before the SDK reads the signing date.
  ivsChat.config.signer = async (authScheme) => {
    const direction = script.at(workerHere(), 'sign');
    if (direction.kind === 'pause-before') await standStill(world, direction.pauseMs);
    return signer(authScheme);
  };
  return {
    dynamodb: new DynamoDBClient(through('dynamodb')),
    sns: new SNSClient(through('sns')),
    sqs: new SQSClient(through('sqs')),
    ivsChat: () => ivsChat,
  };
}

function directed(world: World, service: ServiceName, script: Script, onStep: OnStep) {
  let direction: Direction = { kind: 'normal' };
  const network = connect(world, service, () => (isPause(direction) ? { kind: 'normal' } : direction));
  return {
    async handle(request: SdkRequest, options?: { abortSignal?: AbortSignal }): Promise<{ response: SdkResponse }> {
      const step = stepOf(service, request);
      const here = script.at(workerHere(), step);
      onStep(workerHere(), step, request);
      // The releaser reads 56 shards of the due index.
      if (step !== 'Query') note(world, workerHere(), `${step}…`);
      if (here.kind === 'pause-before') await standStill(world, here.pauseMs);
      direction = here;
      const answer = await network.handle(request, options);
      if (here.kind === 'pause-after') await standStill(world, here.pauseMs);
      return answer;
    },
  };
}

function isPause(direction: Direction): direction is Extract<Direction, { pauseMs: number }> {
  return 'pauseMs' in direction;
}

/** Pauses the worker in the middle of synchronous code: it continues here, and its timers run afterwards. */
async function standStill(world: World, pauseMs: number): Promise<void> {
  const worker = workerHere();
  worker.frozenUntilMs = world.time.nowMs() + pauseMs;
  note(world, worker, `is paused for ${pauseMs / 1000} s`);
  await new Promise<void>((resolve) => world.time.after(pauseMs, resolve));
  note(world, worker, 'continues');
}

function workerHere(): Worker {
  const worker = currentWorker.getStore();
  if (!worker) throw new Error('A call from outside the scenario');
  return worker;
}
