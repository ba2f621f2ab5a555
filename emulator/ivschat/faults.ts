import * as z from 'zod';
import type { ServiceResponse } from '../service.ts';
import { declaredErrors, isOperationName, type OperationName, operations } from './api.ts';
import { apiError } from './errors.ts';
import type { ApiResponse, Responder } from './respond.ts';

const errorStatus = z.int().min(400).max(599);

/** The request has no effect, and the response is this AWS error. An error that the model does not declare needs a status. */
const errorFault = z
  .strictObject({
    error: z.string().min(1),
    message: z.string().optional(),
    status: errorStatus.optional(),
    members: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ error, status }) => status !== undefined || declaredErrors.has(error), {
    path: ['status'],
    message: 'required, since the model does not declare this error',
  });

const faultSchema = z.union([
  errorFault,
  /** The request has no effect, and the response is an HTML page with this status, as from a proxy. */
  z.strictObject({ proxyError: errorStatus }),
  /** The connection closes before the request takes effect. */
  z.strictObject({ unsent: z.literal(true) }),
  /** The request takes effect, and the connection closes without a response. */
  z.strictObject({ lostResponse: z.literal(true) }),
  /** The request takes effect, and the response is an InternalServerException with this status. */
  z.strictObject({ errorAfterEffect: errorStatus }),
  /** The request takes effect, and the response is a 200 with an unreadable body. */
  z.strictObject({ garbage: z.literal(true) }),
  /** The request takes effect, and the response's body ends halfway. */
  z.strictObject({ truncated: z.literal(true) }),
  /**
   * The arrival of the request is delayed by this time. The request is timed, checked and counted only when it arrives. The call may have
   * another fault too.
   */
  z.strictObject({ latencyMs: z.number().min(0) }),
  /** The response is delayed by this time, and the effect is not. The call may have another fault too. A throttled call has no such fault. */
  z.strictObject({ responseAfterMs: z.number().min(0) }),
  /**
   * The request is timed, checked and counted immediately, but its effect is delayed by this time. The response is not delayed: it reports
   * success, is lost, or is an InternalServerException with this status.
   */
  z.strictObject({
    effectAfterMs: z.number().min(1),
    response: z.union([z.literal('lost'), errorStatus]).exactOptional(),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;

/** A plan that makes the next `times` calls of an operation fail, in one region or in all regions. */
export const faultPlanSchema = z
  .strictObject({
    operation: z.custom<OperationName>(isOperationName, 'not an operation'),
    region: z.string().min(1).optional(),
    times: z.int().min(1).default(1),
    fault: faultSchema,
  })
  // The response to any other operation describes its effect, so the effect cannot be delayed.
  .refine(({ operation, fault }) => operation === 'DeleteRoom' || !('effectAfterMs' in fault), {
    path: ['fault', 'effectAfterMs'],
    message: 'is supported only for DeleteRoom',
  })
  .refine(({ operation, fault }) => operations[operation].output !== null || !('truncated' in fault), {
    path: ['fault', 'truncated'],
    message: 'is not supported for an operation whose responses have no body',
  });

export type FaultPlan = z.input<typeof faultPlanSchema>;

/** The probabilities, 0 to 1, that a call without a planned fault fails by chance. */
export interface OperationFaultRates {
  lostResponse?: number;
  /** Half of these errors are returned after the call has taken effect. */
  internalError?: number;
}

/** The operations whose calls fail by chance. */
export interface FaultRates {
  CreateRoom?: OperationFaultRates;
  /** `lateEffect`: the effect is delayed by a random time of up to `lateEffectMs`. Half of these responses are lost. */
  DeleteRoom?: OperationFaultRates & { lateEffect?: number; lateEffectMs?: number };
}

/** The faults that delay a call or its response. They can be combined with another fault. */
type Delay = 'latencyMs' | 'responseAfterMs';

const NEEDS_SLEEP = 'is supported only with the option `sleep`';

export interface Faults {
  /** @throws ZodError if the plan is invalid, or delays a call when there is no `sleep` */
  inject(plan: FaultPlan): void;
  /** Waits for the time of such a fault, if there is one. */
  delay(kind: Delay, operation: OperationName, region: string): Promise<void>;
  /** The fault of this call, planned or by chance. */
  take(operation: OperationName, region: string): Fault | undefined;
  clear(): void;
}

export function createFaults(options: {
  faultRates?: FaultRates;
  random: () => number;
  sleep?: (ms: number) => Promise<void>;
}): Faults {
  const { faultRates = {}, random, sleep } = options;
  const isSupported = (kind: Delay) => (plan: z.output<typeof faultPlanSchema>) =>
    sleep !== undefined || !(kind in plan.fault);
  const acceptedPlan = faultPlanSchema
    .refine(isSupported('latencyMs'), { path: ['fault', 'latencyMs'], message: NEEDS_SLEEP })
    .refine(isSupported('responseAfterMs'), { path: ['fault', 'responseAfterMs'], message: NEEDS_SLEEP });
  let plans: z.output<typeof faultPlanSchema>[] = [];

  function takePlanned(operation: OperationName, region: string, matches: (fault: Fault) => boolean) {
    const plan = plans.find(
      (each) =>
        each.operation === operation && (each.region === undefined || each.region === region) && matches(each.fault),
    );
    if (!plan) return undefined;
    plan.times -= 1;
    plans = plans.filter(({ times }) => times > 0);
    return plan.fault;
  }

  return {
    inject: (plan) => {
      plans.push(acceptedPlan.parse(plan));
    },
    async delay(kind, operation, region) {
      const fault = takePlanned(operation, region, (each) => delayOf(each)?.kind === kind);
      const delay = fault && delayOf(fault);
      if (delay) await sleep?.(delay.ms);
    },
    take(operation, region) {
      const planned = takePlanned(operation, region, (each) => delayOf(each) === undefined);
      return planned ?? chanceFault(operation, faultRates, random);
    },
    clear: () => {
      plans = [];
    },
  };
}

function delayOf(fault: Fault): { kind: Delay; ms: number } | undefined {
  if ('latencyMs' in fault) return { kind: 'latencyMs', ms: fault.latencyMs };
  return 'responseAfterMs' in fault ? { kind: 'responseAfterMs', ms: fault.responseAfterMs } : undefined;
}

function chanceFault(operation: OperationName, rates: FaultRates, random: () => number): Fault | undefined {
  if (operation !== 'CreateRoom' && operation !== 'DeleteRoom') return undefined;
  const ofOperation: FaultRates['DeleteRoom'] = rates[operation];
  if (!ofOperation) return undefined;
  const { lostResponse = 0, internalError = 0, lateEffect = 0, lateEffectMs = 0 } = ofOperation;
  const draw = random();
  if (draw < lostResponse) return { lostResponse: true };
  if (draw < lostResponse + internalError / 2) return { errorAfterEffect: 500 };
  if (draw < lostResponse + internalError) return { error: 'InternalServerException' };
  if (draw >= lostResponse + internalError + lateEffect) return undefined;
  const isAnswered = draw < lostResponse + internalError + lateEffect / 2;
  return { effectAfterMs: 1 + random() * lateEffectMs, ...(!isAnswered && { response: 'lost' }) };
}

/** The response to a request that has no effect because of a fault; undefined if the fault lets the request take effect. */
export function respondInstead(fault: Fault, respond: Responder): ServiceResponse | undefined {
  if ('unsent' in fault) return { lost: true };
  if ('proxyError' in fault) return respond.html(fault.proxyError);
  if (!('error' in fault)) return undefined;
  const error = apiError(fault.error, fault.message ?? 'Injected by a fault plan', fault.members);
  return respond.error({ ...error, status: fault.status ?? error.status });
}

/** Applies a fault to the response to a request that took effect. */
export function respondAfter(fault: Fault, response: ApiResponse, respond: Responder): ServiceResponse {
  if ('lostResponse' in fault) return { lost: true };
  if ('errorAfterEffect' in fault) return internalError(fault.errorAfterEffect, 'after the effect', respond);
  if ('effectAfterMs' in fault) {
    if (fault.response === 'lost') return { lost: true };
    return fault.response ? internalError(fault.response, 'before the effect', respond) : response;
  }
  if ('garbage' in fault) return { ...response, status: 200, body: '\u0000\ufffd not what you expect' };
  if ('truncated' in fault) return { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) };
  return response;
}

function internalError(status: number, when: string, respond: Responder): ApiResponse {
  return respond.error({ ...apiError('InternalServerException', `Injected by a fault plan, ${when}`), status });
}
