import { join } from 'node:path';
import { ACCOUNT_ID } from '../emulator/account.ts';
import type { IndexLag } from '../emulator/dynamodb/index-lag.ts';
import type { AdminRoute, Around } from '../emulator/gateway/answer-requests.ts';
import { type EnforcedPolicies, type Gateway, startGateway } from '../emulator/gateway/gateway.ts';
import type { Denial } from '../emulator/iam/usage.ts';
import type { IvsChat } from '../emulator/ivschat/ivs-chat.ts';
import { createRandom } from '../emulator/random.ts';
import type { Schedule } from '../emulator/scheduler/schedule.ts';
import { createScheduler, type Scheduler } from '../emulator/scheduler/scheduler.ts';
import { createQueueSender, groupArnOf } from '../emulator/scheduler/send-to-queue.ts';
import type { Service } from '../emulator/service.ts';
import type { Template } from '../emulator/template/read-template.ts';
import { openIvsChat } from './open-ivs-chat.ts';
import { SCHEDULES_PREFIX } from './scheduled-rules.ts';
import { type Clients, createClients, type Endpoints } from './stack-clients.ts';

export interface ServiceOptions {
  seed: number;
  calm: boolean;
  region: string;
  endpoints: Endpoints;
  port?: number;
  dataDir?: string;
  enforcePolicies: boolean;
  onDenied(denial: Denial): void;
  around?: Around;
  indexLag?: IndexLag;
  /** Answers the calls under `SCHEDULES_PREFIX`. */
  handleSchedules: AdminRoute;
}

interface OwnServices {
  ivsChat: IvsChat;
  scheduler: Scheduler;
}

export interface OpenServices extends OwnServices {
  gateway: Gateway;
  clients: Clients;
}

/** The share of messages that arrive twice if the stack is not calm. */
export const DUPLICATE_RATE = 0.05;
/** How long DynamoDB's global indexes take to show a change if the stack is not calm. AWS's usually take less than a second. */
const DEFAULT_INDEX_LAG: IndexLag = { usualMs: 2_000, longShare: 0.01, longestMs: 60_000 };

/**
 * Opens the gateway and the services. The services open their files only when the gateway has claimed the data directory, because another
 * stack may be using it. Until then, requests wait.
 */
export async function openServices(template: Template, options: ServiceOptions): Promise<OpenServices> {
  const opening = Promise.withResolvers<OwnServices>();
  opening.promise.catch(ignore);
  const whenOpened = (name: keyof OwnServices): Service => ({
    handle: async (request) => (await opening.promise)[name].handle(request),
    close: () => opening.promise.then((opened) => opened[name].close(), ignore),
  });
  // The gateway needs this function before the emulator of IVS Chat is open. The function is set before any request that names a room is
  // checked.
  let tagsOf: EnforcedPolicies['tagsOf'] = () => undefined;
  const { seed, calm, port, dataDir, enforcePolicies, onDenied, around, indexLag } = options;
  const gateway = await startGateway({
    seed,
    services: { ivschat: whenOpened('ivsChat'), scheduler: whenOpened('scheduler') },
    adminRoutes: {
      '/_greenroom/ivschat/': async (request) => (await opening.promise).ivsChat.adminHandle(request),
      [SCHEDULES_PREFIX]: options.handleSchedules,
    },
    ...(port !== undefined && { port }),
    ...(dataDir !== undefined && { dataDir }),
    ...(around && { around }),
    ...((indexLag ?? !calm) && { indexLag: indexLag ?? DEFAULT_INDEX_LAG }),
    ...(enforcePolicies && { policies: { tagsOf: (arn: string) => tagsOf(arn), onDenied } }),
  });
  try {
    const clients = createClients(options.region, gateway, options.endpoints);
    const services = {
      ivsChat: openIvsChat(template, options),
      scheduler: openScheduler(clients, gateway, options),
    };
    tagsOf = services.ivsChat.tagsOf;
    opening.resolve(services);
    return { gateway, clients, ...services };
  } catch (error) {
    opening.reject(error);
    await gateway.close();
    throw error;
  }
}

function openScheduler(clients: Clients, { iam }: Gateway, { calm, seed, dataDir }: ServiceOptions): Scheduler {
  const clientFor = (schedule: Schedule) =>
    clients.sqsAs(
      iam.assumeRole({
        roleArn: schedule.Target.RoleArn,
        service: 'scheduler.amazonaws.com',
        session: 'scheduler',
        context: { 'aws:sourceaccount': ACCOUNT_ID, 'aws:sourcearn': groupArnOf(schedule) },
      }),
    );
  return createScheduler({
    now: Date.now,
    random: createRandom(seed),
    accountId: ACCOUNT_ID,
    send: createQueueSender({ sqs: clients.sqs, clientFor }),
    ...(dataDir !== undefined && { dataFile: join(dataDir, 'scheduler.ndjson') }),
    ...(calm ? { maximumLatenessMs: 0 } : { duplicateRate: DUPLICATE_RATE }),
  });
}

function ignore(): void {
  // The stack reports why it could not open.
}
