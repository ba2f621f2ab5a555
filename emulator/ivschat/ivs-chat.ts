import { ACCOUNT_ID } from '../account.ts';
import type { Service, ServiceRequest, ServiceResponse } from '../service.ts';
import type { ActionContext, ActionResult } from './action.ts';
import { actions } from './actions.ts';
import { handleAdmin, type IvsChatAdmin } from './admin.ts';
import { type OperationName, operations } from './api.ts';
import { type Calls, createCalls } from './calls.ts';
import type { Lags } from './collection.ts';
import { type ApiError, throttled, unknownOperation } from './errors.ts';
import { createFaults, type FaultRates, type Faults, respondAfter, respondInstead } from './faults.ts';
import { configurationOf } from './logging-configurations.ts';
import { TOKEN_LIFETIME_MS } from './paging.ts';
import { changeQuotas, DEFAULT_QUOTAS, type QuotaChange, type Quotas, quotaChangeSchema } from './quotas.ts';
import { readInput, routeOf } from './read-request.ts';
import { type ApiResponse, createResponder, type Responder } from './respond.ts';
import { seedRooms } from './seed-rooms.ts';
import { refuseSignature } from './signature.ts';
import { openStore, type Store } from './store.ts';
import { tagsOf } from './tagging.ts';
import type { Tags } from './tags.ts';
import { createTokenBuckets, type TokenBuckets } from './token-bucket.ts';

export interface IvsChatOptions {
  /** The account in the ARNs. Default: the account of all emulated services */
  accountId?: string;
  /** Epoch milliseconds. */
  now: () => number;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  /** How far the signing date of a request may be in the past or future. */
  signatureLifetimeMs: number;
  /** The longest time after which ListRooms shows a change of a room. Each change takes a random share of it. */
  listingLagMs: number;
  /**
   * The longest time after CreateRoom for which IVS Chat answers 404 to calls that name the room. Each room takes a random share of it. AWS
   * documents no such time, but does not promise that there is none. Default: 0
   */
  newRoomLagMs?: number;
  /** Quotas that differ from AWS's. */
  quotas?: QuotaChange;
  /** Where to keep rooms and logging configurations between runs. Default: in memory only */
  dataFile?: string;
  /** How often calls of an operation fail by chance. Default: no calls fail by chance */
  faultRates?: FaultRates;
  /** How a call with a `latencyMs` or `responseAfterMs` fault waits. Default: such faults are refused */
  sleep?: (ms: number) => Promise<void>;
}

export interface IvsChat extends Service {
  admin: IvsChatAdmin;
  /** `admin` over HTTP, for paths that begin with `/_greenroom/ivschat/`. */
  adminHandle(request: ServiceRequest): Promise<ServiceResponse>;
  /** The tags of a room or logging configuration; undefined if there is no such resource. */
  tagsOf(arn: string): Tags | undefined;
}

/** The state of one emulator. */
interface State {
  options: IvsChatOptions;
  quotas: Quotas;
  store: Store;
  buckets: TokenBuckets;
  calls: Calls;
  faults: Faults;
  respond: Responder;
  unusableResponses: number;
  /** Page tokens that were issued before this time are refused. */
  tokensRefusedUntilMs: number;
}

/**
 * Emulates the control plane of Amazon IVS Chat: all operations on rooms, logging configurations and tags, and CreateChatToken. It is as
 * strict as the service model, and has the quotas and the faults of the real service. It uses the injected clock and no timers.
 *
 * @throws ZodError if the quotas are invalid, Error if the data file cannot be read
 */
export function createIvsChat(options: IvsChatOptions): IvsChat {
  const state: State = {
    options,
    quotas: initialQuotas(options),
    store: openStore(lagsOf(options), options.dataFile),
    buckets: createTokenBuckets(),
    calls: createCalls(),
    faults: createFaults(options),
    respond: createResponder(options.now),
    unusableResponses: 0,
    tokensRefusedUntilMs: 0,
  };
  const admin = adminOf(state);
  return {
    handle: (request) => handle(state, request),
    admin,
    tagsOf(arn) {
      state.store.settle(options.now());
      return tagsOf(state.store.region(arn.split(':')[3] ?? ''), arn);
    },
    adminHandle: async (request) => handleAdmin(admin, request),
    close: async () => state.store.close(),
  };
}

function lagsOf({ random, listingLagMs, newRoomLagMs = 0 }: IvsChatOptions): Lags {
  // Without a lag, no random number is drawn, so that runs with the same seed remain identical.
  return { listingMs: () => random() * listingLagMs, findingMs: () => newRoomLagMs && random() * newRoomLagMs };
}

function initialQuotas({ quotas = {} }: IvsChatOptions): Quotas {
  return changeQuotas(DEFAULT_QUOTAS, quotaChangeSchema.parse(quotas));
}

async function handle(state: State, request: ServiceRequest): Promise<ServiceResponse> {
  const { calls, faults, respond, store } = state;
  const name = routeOf(request);
  if (!name) return respond.error(unknownOperation(request.method, request.path));
  await faults.delay('latencyMs', name, request.region);
  const nowMs = state.options.now();
  store.settle(nowMs);
  calls.arrived(name, request, nowMs);
  const refused = refuse(state, name, request, nowMs);
  if (refused) return respond.error(refused);
  const response = answer(state, name, request, nowMs);
  await faults.delay('responseAfterMs', name, request.region);
  return response;
}

/** Answers a call that is not refused. The call takes effect and gets its response, unless a fault prevents or delays one of them. */
function answer(state: State, name: OperationName, request: ServiceRequest, nowMs: number): ServiceResponse {
  const { faults, respond } = state;
  const fault = faults.take(name, request.region);
  if (!fault) return perform(state, name, request, { nowMs });
  const instead = respondInstead(fault, respond);
  if (instead) return instead;
  const effectAfterMs = 'effectAfterMs' in fault ? fault.effectAfterMs : 0;
  const response = perform(state, name, request, { nowMs, effectAfterMs });
  const answered = respondAfter(fault, response, respond);
  if (response.status < 300 && answered !== response) state.unusableResponses += 1;
  return answered;
}

/** The error that refuses a call before its input is read. */
function refuse(state: State, name: OperationName, request: ServiceRequest, nowMs: number): ApiError | undefined {
  const { options, quotas, buckets, calls } = state;
  const refused = refuseSignature(request.headers, nowMs, options.signatureLifetimeMs);
  if (refused) return refused;
  const limits = { tps: quotas.tps[name], burst: quotas.burst };
  if (buckets.take(name, request.region, limits, nowMs)) return undefined;
  calls.throttled(name, request.region);
  return throttled(limits.tps);
}

/** When a call happens, and how much later it takes effect. */
interface Moment {
  nowMs: number;
  effectAfterMs?: number;
}

function perform(state: State, name: OperationName, request: ServiceRequest, moment: Moment): ApiResponse {
  const result = act(state, name, request, moment);
  if (result.error) return state.respond.error(result.error);
  return state.respond.ok(operations[name].http.responseCode, result.output);
}

function act(state: State, name: OperationName, request: ServiceRequest, moment: Moment): ActionResult {
  const read = readInput(operations[name], request);
  if (read.error) return read;
  return actions[name](read.input, contextOf(state, request.region, moment));
}

function contextOf(state: State, regionName: string, { nowMs, effectAfterMs = 0 }: Moment): ActionContext {
  const { options, quotas, store } = state;
  return {
    region: store.region(regionName),
    regionName,
    accountId: options.accountId ?? ACCOUNT_ID,
    quotas,
    nowMs,
    effectAtMs: nowMs + effectAfterMs,
    tokensValidFromMs: Math.max(state.tokensRefusedUntilMs, nowMs - TOKEN_LIFETIME_MS),
    random: options.random,
  };
}

function adminOf(state: State): IvsChatAdmin {
  const { store, buckets, calls, faults } = state;
  return {
    inject: faults.inject,
    rooms(region) {
      store.settle(state.options.now());
      return (region === undefined ? store.regions() : [store.region(region)]).flatMap(({ rooms }) => rooms.all());
    },
    calls: calls.report,
    unusableResponses: () => state.unusableResponses,
    seedLoggingConfiguration(arn) {
      const nowMs = state.options.now();
      const { region, configuration } = configurationOf(arn, nowMs);
      const { loggingConfigurations } = store.region(region);
      if (!loggingConfigurations.get(arn)) loggingConfigurations.put(configuration, nowMs);
    },
    seedRooms: (seed) => seedRooms(contextOf(state, seed.region, { nowMs: state.options.now() }), seed),
    refuseTokens() {
      // Tokens that were issued in this millisecond are refused too.
      state.tokensRefusedUntilMs = state.options.now() + 1;
    },
    setQuotas(change) {
      state.quotas = changeQuotas(state.quotas, quotaChangeSchema.parse(change));
    },
    reset() {
      store.clear();
      buckets.clear();
      calls.clear();
      faults.clear();
      state.unusableResponses = 0;
      state.tokensRefusedUntilMs = 0;
      state.quotas = initialQuotas(state.options);
    },
  };
}
