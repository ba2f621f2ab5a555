import type { Service, ServiceRequest, ServiceResponse } from '../service.ts';
import type { ActionResult } from './action.ts';
import { actions } from './actions.ts';
import { handleAdmin, type IvsChatAdmin } from './admin.ts';
import { type OperationName, operations } from './api.ts';
import { createCalls } from './calls.ts';
import { type ApiError, throttled, unknownOperation } from './errors.ts';
import { answerAfter, answerInstead, createFaults, type FaultRates } from './faults.ts';
import { changeQuotas, DEFAULT_QUOTAS, type QuotaChange, quotaChangeSchema } from './quotas.ts';
import { readInput, routeOf } from './read-request.ts';
import { type Answer, createResponder } from './respond.ts';
import { refuseSignature } from './signature.ts';
import { openStore } from './store.ts';
import { createTokenBuckets } from './token-bucket.ts';

export interface IvsChatOptions {
  /** In the ARNs. Default: 123456789012 */
  accountId?: string;
  /** Epoch milliseconds. */
  now: () => number;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  /** How far the signing date of a request may lie in the past or future. */
  signatureLifetimeMs: number;
  /** A change of a room shows in ListRooms after a time between 0 and this. */
  listingLagMs: number;
  /** What differs from AWS's quotas. */
  quotas?: QuotaChange;
  /** Where to keep rooms and logging configurations between runs. Default: in memory only */
  dataFile?: string;
  /** Default: no calls fail by chance */
  faultRates?: FaultRates;
  /** How a call with a `latencyMs` fault waits. Default: such faults are refused */
  sleep?: (ms: number) => Promise<void>;
}

export interface IvsChat extends Service {
  admin: IvsChatAdmin;
  /** The same over HTTP, for paths that begin with `/_greenroom/ivschat/`. */
  adminHandle(request: ServiceRequest): Promise<ServiceResponse>;
}

const DEFAULT_ACCOUNT_ID = '123456789012';

/**
 * Emulates the control plane of Amazon IVS Chat: all operations on rooms, logging configurations and tags, as strict as
 * the service model, with the quotas and the unpleasant sides of the real service. It has no clock and no timers of its own.
 */
export function createIvsChat(options: IvsChatOptions): IvsChat {
  const { now, random, signatureLifetimeMs, listingLagMs, accountId = DEFAULT_ACCOUNT_ID } = options;
  const initialQuotas = changeQuotas(DEFAULT_QUOTAS, quotaChangeSchema.parse(options.quotas ?? {}));
  let quotas = initialQuotas;
  const store = openStore(() => random() * listingLagMs, options.dataFile);
  const buckets = createTokenBuckets();
  const calls = createCalls();
  const faults = createFaults(options);
  const respond = createResponder(now);

  /** What refuses a call before its input is looked at. */
  function refuse(name: OperationName, { headers, region }: ServiceRequest, nowMs: number): ApiError | undefined {
    const refused = refuseSignature(headers, nowMs, signatureLifetimeMs);
    if (refused) return refused;
    const limits = { tps: quotas.tps[name], burst: quotas.burst };
    if (buckets.take(name, region, limits, nowMs)) return undefined;
    calls.throttled(name, region);
    return throttled(limits.tps);
  }

  function act(name: OperationName, request: ServiceRequest, nowMs: number): ActionResult {
    const read = readInput(operations[name], request);
    if (read.error) return read;
    const region = store.region(request.region);
    return actions[name](read.input, { region, regionName: request.region, accountId, quotas, nowMs, random });
  }

  function perform(name: OperationName, request: ServiceRequest, nowMs: number): Answer {
    const result = act(name, request, nowMs);
    if (result.error) return respond.error(result.error);
    return respond.ok(operations[name].http.responseCode, result.output);
  }

  async function handle(request: ServiceRequest): Promise<ServiceResponse> {
    const name = routeOf(request);
    if (!name) return respond.error(unknownOperation(request.method, request.path));
    await faults.delay(name, request.region);
    const nowMs = now();
    calls.arrived(name, request, nowMs);
    const refused = refuse(name, request, nowMs);
    if (refused) return respond.error(refused);
    const fault = faults.take(name, request.region);
    if (!fault) return perform(name, request, nowMs);
    return answerInstead(fault, respond) ?? answerAfter(fault, perform(name, request, nowMs), respond);
  }

  const admin: IvsChatAdmin = {
    inject: faults.inject,
    rooms: (region) =>
      (region === undefined ? store.regions() : [store.region(region)]).flatMap(({ rooms }) => rooms.all()),
    calls: calls.report,
    setQuotas: (change) => {
      quotas = changeQuotas(quotas, quotaChangeSchema.parse(change));
    },
    reset() {
      store.clear();
      buckets.clear();
      calls.clear();
      faults.clear();
      quotas = initialQuotas;
    },
  };

  return {
    handle,
    admin,
    adminHandle: async (request) => handleAdmin(admin, request),
    close: async () => store.close(),
  };
}
