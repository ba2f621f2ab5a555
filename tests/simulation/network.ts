import { isOperationName } from '../../emulator/ivschat/api.ts';
import type { Service, ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { type CallFate, COUNTED_AS, IVSCHAT_ERRORS } from './faults.ts';
import { checkCompletions, checkGivenUp, checkListings, checkRooms } from './invariants.ts';
import { outageOf, type SimulatedService } from './outages.ts';
import { freezesReleaser, noteOutageOfReleaser, notePacedCall } from './release-faults.ts';
import { checkStopped, checkStoppedCall, noteInformed } from './stops.ts';
import { check, count, crash, note, outagesOf, strikes, type World } from './world.ts';

/** A request as the SDK passes it to its handler. */
export interface SdkRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}
export interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export type FateOf = (world: World, worker: Worker, call: string, request: SdkRequest) => CallFate;

export type ServiceName = SimulatedService;

const CLIENT_TIMEOUT_MS: Record<ServiceName, number> = { dynamodb: 5_000, sqs: 5_000, sns: 5_000, ivschat: 10_000 };
const LATE_EFFECT_MS: Record<ServiceName, number> = { dynamodb: 20_000, sqs: 20_000, sns: 20_000, ivschat: 899_000 };

/** A request handler for an SDK client. It passes calls to a service and responses to the client, with faults. */
export function connect(world: World, service: ServiceName, fateOf: FateOf) {
  return {
    handle(request: SdkRequest, options: { abortSignal?: AbortSignal } = {}): Promise<{ response: SdkResponse }> {
      const worker = currentWorker.getStore();
      if (!worker) throw new Error('A call from outside the simulation');
      const call = callName(service, request);
      world.calls[call] = (world.calls[call] ?? 0) + 1;
      if (call === 'CreateRoom') check(world, () => checkStoppedCall(world, worker, String(request.body)));
      if (call === 'DeleteRoom' || call === 'GetRoom') notePacedCall(world, call);
      const fate = fateInOutage(world, service, worker) ?? fateOf(world, worker, call, request);
      if (fate.kind !== 'normal') note(world, worker, `${call} (${fate.kind}${'name' in fate ? ` ${fate.name}` : ''})`);
      return new Promise((resolve, reject) => {
        if (fate.kind === 'crash-before') return crash(world, worker);
        const fail = (error: Error) => world.time.afterFor(worker, 0, () => reject(error));
        options.abortSignal?.addEventListener('abort', () => fail(named('AbortError', 'Request aborted')), {
          once: true,
        });
        world.time.afterFor(worker, CLIENT_TIMEOUT_MS[service], () =>
          reject(named('TimeoutError', 'No answer in time')),
        );
        if (fate.kind === 'lost-request') return;
        if (fate.kind === 'unreachable') {
          world.time.afterFor(worker, latencyMs(world), () => reject(refusedConnection()));
          return;
        }
        const travelMs = latencyMs(world) + (fate.kind === 'late-effect' ? fate.delayMs : 0);
        const answered = async () => {
          const response = await arrive(world, service, call, request, worker, fate);
          if (response === undefined) return;
          world.time.afterFor(worker, latencyMs(world), () => {
            noteInformed(world, worker, response);
            deliver(world, worker, response, resolve, reject);
          });
        };
        world.time.after(travelMs, () => void currentWorker.run(worker, answered));
      });
    },
  };
}

/** Makes a request take effect, if its fate allows that. @returns the response; undefined if there is none */
async function arrive(
  world: World,
  service: ServiceName,
  call: string,
  request: SdkRequest,
  worker: Worker,
  fate: CallFate,
): Promise<ServiceResponse | undefined> {
  if (fate.kind === 'error-before') return errorResponse(fate.status);
  if (fate.kind === 'refused') return refusal(fate);
  if (fate.kind === 'ivschat-error') {
    const { name: error, status, members } = fate;
    if (!isOperationName(call)) throw new Error(`${call} is not an operation of IVS Chat`);
    world.ivsChat.admin.inject({ operation: call, fault: { error, status, ...(members && { members }) } });
  }
  const response = await answer(world, service, call, toServiceRequest(request));
  // A releaser reads 56 shards of the due index at once.
  if (call !== 'Query') note(world, worker, `${call}${'lost' in response ? '' : ` → ${response.status}`}`);
  if (call === 'ListRooms') countSlowListing(world, request, response);
  if (service === 'ivschat') check(world, () => checkRooms(world));
  if (call === 'Publish') check(world, () => checkCompletions(world));
  if (call === 'Publish') check(world, () => checkGivenUp(world));
  if (call === 'Publish') check(world, () => checkStopped(world));
  if (fate.kind === 'crash-after') crash(world, worker);
  if (fate.kind === 'error-after') return errorResponse(fate.status);
  if (fate.kind === 'lost-response') return world.random() < 0.5 ? { lost: true } : undefined;
  return response;
}

/** Delivers a response to its worker, which may be frozen for a time. */
function deliver(
  world: World,
  worker: Worker,
  response: ServiceResponse,
  resolve: (value: { response: SdkResponse }) => void,
  reject: (error: Error) => void,
): void {
  if (isFrozen(world, worker)) {
    worker.frozenUntilMs = world.time.nowMs() + Math.floor(world.random() ** 3 * 40 * 60_000);
    note(world, worker, `is frozen for ${Math.round((worker.frozenUntilMs - world.time.nowMs()) / 1000)} s`);
  }
  world.time.afterFor(worker, 0, () => {
    if ('lost' in response) return reject(Object.assign(named('Error', 'socket hang up'), { code: 'ECONNRESET' }));
    const { status: statusCode, headers, body } = response;
    // The dates of responses come from the clock of the world and not from the clock of the worker.
    const dated = { ...headers, date: new Date(world.time.nowMs()).toUTCString() };
    return resolve({ response: { statusCode, headers: dated, body: Buffer.from(body) } });
  });
}

/** Draws whether a worker is frozen before it gets a response. */
function isFrozen(world: World, worker: Worker): boolean {
  if (world.releases?.has(worker)) return freezesReleaser(world);
  if (!strikes(world, 0.3)) return false;
  count(world, 'worker frozen and resumed');
  return true;
}

/** The fate of a call to a service with an outage. */
function fateInOutage(world: World, service: ServiceName, worker: Worker): CallFate | undefined {
  const outage = outageOf(outagesOf(world), service, world.time.nowMs());
  if (outage && world.releases?.has(worker)) {
    noteOutageOfReleaser(world, outage);
    return outage.fate;
  }
  if (outage && !outage.hasFailed) count(world, `outage of ${service}`);
  if (outage) outage.hasFailed = true;
  return outage?.fate;
}

/** The response of a service. For a ListRooms with a shared name, it includes the rooms of others. */
async function answer(
  world: World,
  service: ServiceName,
  call: string,
  request: ServiceRequest,
): Promise<ServiceResponse> {
  const { namesakes, scenario, time } = world;
  if (call !== 'ListRooms' || !namesakes) return serviceOf(world, service)(request);
  const { nextToken: _, ...first } = JSON.parse(request.body.toString('utf8'));
  if (first.name !== scenario.namesakes?.name) return serviceOf(world, service)(request);
  if (!namesakes.wasRequested) count(world, 'listing of a name shared by 20,000 rooms');
  namesakes.wasRequested = true;
  check(world, () => checkListings(world));
  const own = await world.ivsChat.handle({ ...request, body: Buffer.from(JSON.stringify(first)) });
  return namesakes.answer(request, own, time.nowMs());
}

/** Draws the fate of a call at random. */
export function randomFate(world: World, _worker: Worker, call: string): CallFate {
  if (call === 'CreateRoom' && strikes(world, 10)) {
    const chosen = IVSCHAT_ERRORS[Math.floor(world.random() * IVSCHAT_ERRORS.length)];
    if (chosen) {
      count(world, chosen.counted);
      return chosen.fate;
    }
  }
  const share = call === 'CreateRoom' ? 16 : 1;
  if (!strikes(world, share)) return { kind: 'normal' };
  const fates: Exclude<CallFate, { kind: 'normal' | 'ivschat-error' | 'unreachable' | 'refused' }>[] = [
    { kind: 'crash-before' },
    { kind: 'crash-after' },
    { kind: 'lost-response' },
    { kind: 'lost-request' },
    { kind: 'late-effect', delayMs: 5_000 + world.random() * (LATE_EFFECT_MS[serviceNameOf(call)] - 5_000) },
    { kind: 'error-before', status: 503 },
    { kind: 'error-after', status: 500 },
  ];
  // Lost responses after a room was created are the most important fault, so they are drawn more often.
  if (call === 'CreateRoom') fates.push({ kind: 'lost-response' }, { kind: 'crash-after' });
  const fate = fates[Math.floor(world.random() * fates.length)] ?? { kind: 'crash-before' };
  count(world, COUNTED_AS[fate.kind]);
  return fate;
}

function serviceNameOf(call: string): ServiceName {
  if (call === 'UpdateItem') return 'dynamodb';
  if (call === 'Publish') return 'sns';
  return ['ChangeMessageVisibilityBatch', 'SendMessage'].includes(call) ? 'sqs' : 'ivschat';
}

function serviceOf(world: World, service: ServiceName): (request: ServiceRequest) => Promise<ServiceResponse> {
  const services: Record<ServiceName, Service['handle']> = {
    dynamodb: world.dynamodb.handle,
    sqs: async (request) => world.messaging.sqs(request),
    sns: async (request) => world.messaging.sns(request),
    ivschat: world.ivsChat.handle,
  };
  return services[service];
}

/** The API action of a request. */
export function callName(service: ServiceName, { headers, path, body }: SdkRequest): string {
  if (service === 'ivschat') return path.slice(1);
  if (service === 'sns') return new URLSearchParams(String(body)).get('Action') ?? '';
  return headers['x-amz-target']?.split('.').at(-1) ?? '';
}

function toServiceRequest({ method, path, headers, body }: SdkRequest): ServiceRequest {
  const lowerCased = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    path,
    query: new URLSearchParams(),
    headers: Object.fromEntries(lowerCased),
    body: Buffer.from(body ?? ''),
    region: 'eu-west-1',
  };
}

function countSlowListing(world: World, request: SdkRequest, response: ServiceResponse): void {
  const { name, nextToken } = JSON.parse(String(request.body));
  if (world.namesakes || nextToken !== undefined) return;
  const live = world.ivsChat.admin.rooms().filter((room) => room.name === name).length;
  const listed = 'lost' in response ? 0 : JSON.parse(String(response.body)).rooms?.length;
  if (listed < live) count(world, 'slow listing');
}

function latencyMs({ random }: World): number {
  return 2 + random() * 30 + (random() < 0.02 ? random() * 2_000 : 0);
}

function errorResponse(status: number): ServiceResponse {
  return { status, headers: {}, body: '' };
}

function refusal({ name, status }: { name: string; status: number }): ServiceResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': name };
  return { status, headers, body: JSON.stringify({ message: 'refused' }) };
}

function refusedConnection(): Error {
  const details = { code: 'ECONNREFUSED', syscall: 'connect' };
  return Object.assign(named('Error', 'connect ECONNREFUSED'), details);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
