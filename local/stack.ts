import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNT_ID } from '../emulator/account.ts';
import type { IndexLag } from '../emulator/dynamodb/index-lag.ts';
import type { Around } from '../emulator/gateway/answer-requests.ts';
import type { Iam } from '../emulator/iam/iam.ts';
import type { Denial } from '../emulator/iam/usage.ts';
import type { IvsChatAdmin } from '../emulator/ivschat/admin.ts';
import { type AccountConcurrency, createAccountConcurrency } from '../emulator/lambda/account-concurrency.ts';
import type { LambdaDefinition } from '../emulator/lambda/definitions.ts';
import type { InvocationResult } from '../emulator/lambda/execution-environment.ts';
import type { Isolation } from '../emulator/lambda/isolates.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { removeLeftoverTaskRoots } from '../emulator/lambda/task-roots.ts';
import { fireByClock } from '../emulator/scheduler/fire-by-clock.ts';
import type { ServiceRequest } from '../emulator/service.ts';
import { type CreatedStack, createResources } from '../emulator/template/create-resources.ts';
import { readTemplate, type Template } from '../emulator/template/read-template.ts';
import { functionOf, startEventSources } from './event-sources.ts';
import {
  handleSchedules,
  type RunningRule,
  type RunResult,
  runSchedules,
  type ScheduleRates,
  startScheduledRules,
} from './scheduled-rules.ts';
import { type Endpoints, endpointVariables } from './stack-clients.ts';
import { accessKeyOf, startFunction } from './stack-functions.ts';
import { DUPLICATE_RATE, type OpenServices, openServices } from './stack-services.ts';

export interface StackOptions {
  /** The compiled template. The functions' packages are in the same folder. */
  templateFile: string;
  /** The seed for order, duplicates and faults. */
  seed: number;
  /**
   * Switches off lost responses, errors, duplicates, late indexes and late schedules. By default, the stack shows all of these faults,
   * because AWS may show them too.
   */
  calm: boolean;
  isolation: Isolation;
  /** How many invocations the account runs concurrently. By default, the limit is high enough for all event sources. */
  accountConcurrency?: number;
  /** 0 or absent: a free port. */
  port?: number;
  /** The directory for data that outlives the process. */
  dataDir?: string;
  region?: string;
  stackName?: string;
  /** Other emulators that replace the stack's own. */
  endpoints?: Endpoints;
  /** When the template's rules invoke their functions. Default: at the rates of the template */
  schedules?: ScheduleRates;
  /**
   * How long DynamoDB's global indexes take to show a change. Default: immediately if the stack is calm, otherwise up to two seconds late,
   * and occasionally up to a minute late
   */
  indexLag?: IndexLag;
  /** Whether calls that the template's policies do not permit are refused. Default: true */
  enforcePolicies?: boolean;
  /** Called for each call of a role, and for each invocation by a rule, that is refused. By default, `stop` fails if there were any. */
  onDenied?(denial: Denial): void;
  /** Handles the requests in place of the stack's services, for example to count them. Default: the services handle them */
  around?: Around;
  /** Called after each invocation, with the time from the event to the result, including a cold start. */
  onInvocation?(functionName: string, durationMs: number): void;
  /** One line of a function's log. */
  onLog?(functionName: string, line: string): void;
  /** Called for errors of the stack itself, outside the functions. */
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
  /** `unusedGrants`: the permissions that roles and users have not used. `putUser`: adds a user with one policy. */
  iam: Pick<Iam, 'putUser' | 'unusedGrants'>;
  /** Runs the function whose name ends with `functionName`, as Lambda's `Invoke` would. */
  invoke(functionName: string, event: unknown): Promise<InvocationResult>;
  /** Runs the schedules of the function whose name ends with `functionName` now, even if `schedules` is `off`. @throws Error if it has none */
  runSchedules(functionName: string): Promise<RunResult[]>;
  /**
   * Stops all parts. Messages that are not done stay in their queues.
   * @throws Error if a call of a role was refused and `onDenied` is not set
   */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 2_000;
/** Receives of the stack's own queues end when it stops. Those of another emulator do not, so they are short. */
const POLL_SECONDS = { own: 20, other: 1 };

/**
 * Starts all of greenroom on this machine: AWS's services on loopback, the template's resources, and the packaged
 * functions. The functions are the deployed ones: only the SDK's environment variables point them to this stack.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { region = 'eu-west-1', endpoints = {}, enforcePolicies = true } = options;
  const template = readTemplate(options.templateFile);
  removeLeftoverTaskRoots();
  const unreported: Denial[] = [];
  const { onDenied = (denial) => unreported.push(denial) } = options;
  const running = newRunning(options.accountConcurrency);
  const answerSchedules = (request: ServiceRequest) => handleSchedules(running.rules, request);
  const settings = { ...options, region, endpoints, enforcePolicies, onDenied, handleSchedules: answerSchedules };
  const services = await openServices(template, settings);
  const { gateway, ivsChat } = services;
  let stopped: Promise<void> | undefined;
  const removeFiles = removeFilesAtExit(running);

  function stop(): Promise<void> {
    stopped ??= end(running, services)
      .then(() => requireNone(unreported))
      .finally(() => process.off('exit', removeFiles));
    return stopped;
  }

  try {
    const variables = endpointVariables(gateway.endpoint, endpoints);
    const { outputs, skipped } = await deploy(template, { ...options, region }, variables, services, running);
    return {
      endpoint: gateway.endpoint,
      region,
      endpointVariables: variables,
      outputs,
      skipped,
      ivsChat: ivsChat.admin,
      iam: gateway.iam,
      ...viewOf(running),
      stop,
    };
  } catch (error) {
    await stop().catch(ignore);
    throw error;
  }
}

type RunningParts = Pick<Stack, 'functions' | 'throttles' | 'invoke' | 'runSchedules'>;

function viewOf({ functions, rules, account }: Running): RunningParts {
  return {
    functions,
    throttles: account.throttles,
    invoke: async (name, event) => functionOf(functions, name, (each) => each.name.endsWith(name)).invoke(event),
    runSchedules: (name) => runSchedules(rules, name),
  };
}

/** A second Ctrl-C and an uncaught exception end the process before `stop` has removed the functions' files. */
function removeFilesAtExit({ functions }: Running): () => void {
  const removeFiles = () => {
    for (const each of functions) each.removeFiles();
  };
  process.once('exit', removeFiles);
  return removeFiles;
}

/** The parts that must stop before the services. */
interface Running {
  functions: LambdaFunction[];
  sources: { stop(): Promise<void> }[];
  /** The rules among the sources. */
  rules: RunningRule[];
  account: AccountConcurrency;
}

function newRunning(accountConcurrency: number | undefined): Running {
  return { functions: [], sources: [], rules: [], account: createAccountConcurrency(accountConcurrency) };
}

/** Creates the template's resources. Each function and source is added to `running` as soon as it runs. */
async function deploy(
  template: Template,
  options: StackOptions & { region: string },
  variables: Record<string, string>,
  { gateway, clients, scheduler }: OpenServices,
  { functions, sources, rules, account }: Running,
): Promise<Pick<CreatedStack, 'outputs' | 'skipped'>> {
  const { region, stackName = 'greenroom-local', isolation, onLog = ignore, onError = ignore } = options;
  const { onInvocation = ignore } = options;
  const artifactsDir = dirname(options.templateFile);
  const setting = { clients, iam: gateway.iam, region, accountId: ACCOUNT_ID, stackName, artifactsDir };
  const { outputs, skipped, ...declared } = await createResources(template, setting);
  const runner = { isolation, region, extraEnvironment: variables, onLog, onInvocation };
  for (const definition of declared.functions) functions.push(await startFunction(definition, runner, gateway));
  const duplicateRate = options.calm ? 0 : DUPLICATE_RATE;
  const sqsFor = (definition: LambdaDefinition) => clients.sqsAs(accessKeyOf(definition, gateway));
  const pollSeconds = POLL_SECONDS[options.endpoints?.sqs === undefined ? 'own' : 'other'];
  const polling = { ...options, account, duplicateRate, sqsFor, pollSeconds, onError };
  for await (const source of startEventSources(declared.eventSourceMappings, functions, polling, clients.sqs))
    sources.push(source);
  const scheduled = { ...polling, rates: options.schedules };
  rules.push(...startScheduledRules(declared.scheduledRules, functions, scheduled, gateway.iam));
  sources.push(...rules);
  sources.push(fireByClock(scheduler, onError));
  return { outputs, skipped };
}

async function end({ functions, sources }: Running, { clients, gateway }: OpenServices): Promise<void> {
  const idle = Promise.all(sources.map((source) => source.stop()));
  gateway.endWaits();
  await Promise.race([idle, pause(STOP_GRACE_MS, undefined, { ref: false })]);
  await Promise.all(functions.map((each) => each.stop()));
  await idle;
  clients.destroy();
  await gateway.close();
}

function requireNone(denied: Denial[]): void {
  const calls = new Set(denied.map(({ caller, action, resource }) => `${caller}: ${action} on ${resource}`));
  if (calls.size > 0) throw new Error(`The template's roles do not permit these calls:\n${[...calls].join('\n')}`);
}

function ignore(): void {
  // The default for log lines and errors. If the start fails, errors of the following stop are ignored too, so that the first error is
  // thrown.
}
