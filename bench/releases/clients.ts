import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { drawLatencyMs, IVSCHAT_ONE_WAY_MS, LATENCY_MS } from '../simulation/assumptions.ts';
import { callDynamoDb } from './dynamodb-calls.ts';
import { type Command, type Deliver, ivsChatClient, operationOf, SETTING } from './ivs-chat-calls.ts';
import { countCall, type Usage } from './usage.ts';
import type { ReleaseWorld } from './world.ts';

/**
 * The clients of a function, which count its usage. The calls go directly to the services in memory, because the SDK would take most of a
 * run's processor time. Only CreateRoom goes through the SDK.
 */
export function connectDirectly(world: ReleaseWorld, usage: Usage): AwsClients {
  const chats = new Map<string, IvschatClient>();
  const direct = (service: 'dynamodb' | 'sns' | 'sqs', perform: (name: string, input: object) => object) => ({
    async send(command: Command): Promise<object> {
      const name = operationOf(command);
      countCall(usage, name);
      const wait = () => pass(world, LATENCY_MS[service] / 2);
      await wait();
      const answer = await perform(name, command.input);
      await wait();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const toIvsChat: Deliver = async (request) => {
    countCall(usage, request.path.slice(1));
    await pass(world, IVSCHAT_ONE_WAY_MS);
    const response = await world.callIvsChat(request);
    await pass(world, LATENCY_MS.ivschat - IVSCHAT_ONE_WAY_MS);
    if ('lost' in response) throw new Error('Nothing is lost in this simulation');
    return response;
  };
  return {
    dynamodb: Object.assign(
      new DynamoDBClient(SETTING),
      direct('dynamodb', (name, input) => callDynamoDb(name, input, world, usage)),
    ),
    sns: Object.assign(new SNSClient(SETTING), direct('sns', world.publish)),
    sqs: Object.assign(new SQSClient(SETTING), direct('sqs', world.callSqs)),
    ivsChat(region) {
      const client = chats.get(region) ?? ivsChatClient(region, toIvsChat, world.time.nowMs);
      chats.set(region, client);
      return client;
    },
  };
}

function pass({ time, random }: ReleaseWorld, typicalMs: number): Promise<void> {
  return new Promise((resolve) => time.after(drawLatencyMs(typicalMs, random), () => resolve()));
}
