import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT_ID } from '../emulator/account.ts';
import { type Gateway, startGateway } from '../emulator/gateway/gateway.ts';
import type { IvsChatAdmin } from '../emulator/ivschat/admin.ts';
import type { IvsChat } from '../emulator/ivschat/ivs-chat.ts';
import { type AccountConcurrency, createAccountConcurrency } from '../emulator/lambda/account-concurrency.ts';
import type { LambdaDefinition } from '../emulator/lambda/definitions.ts';
import type { InvocationResult } from '../emulator/lambda/execution-environment.ts';
import type { Isolation } from '../emulator/lambda/isolates.ts';
import { createLambdaFunction, type LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { createRandom } from '../emulator/random.ts';
import { fireByClock } from '../emulator/scheduler/fire-by-clock.ts';
import { createScheduler, type Scheduler } from '../emulator/scheduler/scheduler.ts';
import { createQueueSender } from '../emulator/scheduler/send-to-queue.ts';
import type { Service } from '../emulator/service.ts';
import { type CreatedStack, createResources } from '../emulator/template/create-resources.ts';
import { readTemplate, type Template } from '../emulator/template/read-template.ts';
import { functionOf, startEventSources } from './event-sources.ts';
import { openIvsChat } from './open-ivs-chat.ts';
import { startScheduledRules } from './scheduled-rules.ts';
import {
  type Clients,
  createClients,
  type Endpoints,
  endpointVariables,
  LOCAL_ACCESS_KEY_ID,
} from './stack-clients.ts';

export interface StackOptions {
  /** The compiled template. The functions' packages are in the same folder. */
  templateFile: string;
  /** The seed of order, duplicates and faults. */
  seed: number;
  /** Switches off lost answers, errors, duplicates and late schedules. By default, the stack behaves as badly as AWS may behave. */
  calm: boolean;
  isolation: Isolation;
  /** How many invocations the account runs concurrently. By default, there are enough for all event sources. */
  accountConcurrency?: number;
  /** 0 or absent: a free port. */
  port?: number;
  /** The directory for data that outlives the process. */
  dataDir?: string;
  region?: string;
  stackName?: string;
  /** Other emulators that replace the stack's own. */
  endpoints?: Endpoints;
  /** One line of a function's log. */
  onLog?(functionName: string, line: string): void;
  /** Called for errors between the parts of the stack itself. */
  onError?(error: unknown): void;
}

export interface Stack extends Pick<CreatedStack, 'outputs' | 'skipped'> {
  endpoint: string;
  region: string;
  /** The variables with which the SDK finds the services. The functions have them too. */
  endpointVariables: Record<string, string>;
  /** The stack's own emulator, even if another one replaces it. */
  ivsChat: IvsChatAdmin;
  functions: readonly LambdaFunction[];
  /** How many invocations of event sources have been throttled because of the limit of the account. */
  throttles(): number;
  /** Runs the function whose name ends with `functionName`, as Lambda's `Invoke` would. */
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  /** Stops all parts. Messages that are not done stay in their queues. */
  stop(): Promise<void>;
}

/** The share of messages that arrive twice if the stack is not calm. */
const DUPLICATE_RATE = 0.05;
const STOP_GRACE_MS = 2_000;

/**
 * Starts all of greenroom on this machine: AWS's services on loopback, the template's resources, and the packaged
 * functions. The functions are the deployed ones: only the SDK's environment variables point them to this stack.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { region = 'eu-west-1', endpoints = {} } = options;
  const template = readTemplate(options.templateFile);
  const connectTo = (gateway: Gateway) => createClients(region, gateway, endpoints);
  const services = await openServices(template, options, connectTo);
  const { gateway, ivsChat } = services;
  const account = createAccountConcurrency(options.accountConcurrency);
  const running: Running = { functions: [], sources: [], account };
  let stopped: Promise<void> | undefined;

  function stop(): Promise<void> {
    stopped ??= end(running, services);
    return stopped;
  }

  try {
    const variables = endpointVariables(gateway.endpoint, endpoints);
    const { outputs, skipped } = await deploy(template, { ...options, region }, variables, services, running);
    const { functions } = running;
    return {
      endpoint: gateway.endpoint,
      region,
      endpointVariables: variables,
      outputs,
      skipped,
      ivsChat: ivsChat.admin,
      functions,
      throttles: account.throttles,
      invoke: async (name, event) => functionOf(functions, name, (each) => each.name.endsWith(name)).invoke(event),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The parts that must stop before the services. */
interface Running {
  functions: LambdaFunction[];
  sources: { stop(): Promise<void> }[];
  account: AccountConcurrency;
}

/** Creates the template's resources. Each function and source is added to `running` as soon as it runs. */
async function deploy(
  template: Template,
  options: StackOptions & { region: string },
  variables: Record<string, string>,
  { gateway, clients, scheduler }: OpenServices,
  { functions, sources, account }: Running,
) {
  const { region, stackName = 'greenroom-local', isolation, onLog = ignore, onError = ignore } = options;
  const artifactsDir = dirname(options.templateFile);
  const setting = { clients, region, accountId: ACCOUNT_ID, stackName, artifactsDir };
  const { outputs, skipped, ...declared } = await createResources(template, setting);
  const runner = { isolation, region, extraEnvironment: variables, onLog };
  for (const definition of declared.functions) {
    const accessKeyId = accessKeyOf(definition, gateway);
    functions.push(await createLambdaFunction(definition, { ...runner, accessKeyId }));
  }
  const polling = { ...options, account, duplicateRate: options.calm ? 0 : DUPLICATE_RATE, onError };
  for await (const source of startEventSources(declared.eventSourceMappings, functions, polling, clients.sqs))
    sources.push(source);
  sources.push(...startScheduledRules(declared.scheduledRules, functions, polling));
  sources.push(fireByClock(scheduler, onError));
  return { outputs, skipped };
}

async function end({ functions, sources }: Running, { clients, gateway }: OpenServices): Promise<void> {
  const idle = Promise.all(sources.map((source) => source.stop()));
  await Promise.race([idle, pause(STOP_GRACE_MS, undefined, { ref: false })]);
  await Promise.all(functions.map((each) => each.stop()));
  await idle;
  for (const client of Object.values(clients)) client.destroy();
  await gateway.close();
}

interface OwnServices {
  ivsChat: IvsChat;
  scheduler: Scheduler;
}

interface OpenServices extends OwnServices {
  gateway: Gateway;
  clients: Clients;
}

/**
 * The services open their files after the gateway has claimed the data directory, which another stack may be using. Requests wait until
 * then.
 */
async function openServices(
  template: Template,
  options: StackOptions,
  connectTo: (gateway: Gateway) => Clients,
): Promise<OpenServices> {
  const { seed, port, dataDir } = options;
  const opening = Promise.withResolvers<OwnServices>();
  opening.promise.catch(ignore);
  const whenOpened = (name: keyof OwnServices): Service => ({
    handle: async (request) => (await opening.promise)[name].handle(request),
    close: () => opening.promise.then((opened) => opened[name].close(), ignore),
  });
  const gateway = await startGateway({
    seed,
    services: { ivschat: whenOpened('ivsChat'), scheduler: whenOpened('scheduler') },
    adminRoutes: { '/_greenroom/ivschat/': async (request) => (await opening.promise).ivsChat.adminHandle(request) },
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
  });
  try {
    const clients = connectTo(gateway);
    const services = { ivsChat: openIvsChat(template, options), scheduler: openScheduler(clients, options) };
    opening.resolve(services);
    return { gateway, clients, ...services };
  } catch (error) {
    opening.reject(error);
    await gateway.close();
    throw error;
  }
}

function openScheduler({ schedulerSqs }: Clients, { calm, seed, dataDir }: StackOptions): Scheduler {
  return createScheduler({
    now: Date.now,
    random: createRandom(seed),
    accountId: ACCOUNT_ID,
    send: createQueueSender(schedulerSqs),
    ...(dataDir !== undefined && { dataFile: join(dataDir, 'scheduler.ndjson') }),
    ...(calm ? { maximumLatenessMs: 0 } : { duplicateRate: DUPLICATE_RATE }),
  });
}

/** A session of the function's role has the function's name: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html */
function accessKeyOf({ name, roleId }: LambdaDefinition, { principals }: Gateway): string {
  return roleId === undefined ? LOCAL_ACCESS_KEY_ID : principals.openSession(roleId, name);
}

function ignore(): void {
  // By default, errors and log lines are ignored.
}
