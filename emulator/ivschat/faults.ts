import * as z from 'zod';
import type { ServiceResponse } from '../service.ts';
import { declaredErrors, isOperationName, type OperationName } from './api.ts';
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
  /** The request arrives this much later, and is timed, checked and counted only then. The call may have another fault too. */
  z.strictObject({ latencyMs: z.number().min(0) }),
]);

export type Fault = z.infer<typeof faultSchema>;

/** A plan that makes the next `times` calls of an operation fail, in one region or in all regions. */
export const faultPlanSchema = z.strictObject({
  operation: z.custom<OperationName>(isOperationName, 'not an operation'),
  region: z.string().min(1).optional(),
  times: z.int().min(1).default(1),
  fault: faultSchema,
});

export type FaultPlan = z.input<typeof faultPlanSchema>;

/** The probabilities, 0 to 1, that a CreateRoom without a planned fault fails by chance. */
export interface FaultRates {
  lostResponse?: number;
  /** Half of these errors are answered after the call took effect. */
  internalError?: number;
}

export interface Faults {
  /** @throws ZodError if the plan is invalid, or has `latencyMs` although there is no `sleep` */
  inject(plan: FaultPlan): void;
  /** Waits for the time of a `latencyMs` fault, if there is one. */
  delay(operation: OperationName, region: string): Promise<void>;
  /** The fault of this call, planned or by chance. */
  take(operation: OperationName, region: string): Fault | undefined;
  clear(): void;
}

export function createFaults(options: {
  faultRates?: FaultRates;
  random: () => number;
  sleep?: (ms: number) => Promise<void>;
}): Faults {
  const { faultRates, random, sleep } = options;
  const acceptedPlan = faultPlanSchema.refine(({ fault }) => sleep !== undefined || !('latencyMs' in fault), {
    path: ['fault', 'latencyMs'],
    message: 'is supported only with the option `sleep`',
  });
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
    async delay(operation, region) {
      const fault = takePlanned(operation, region, (each) => 'latencyMs' in each);
      if (fault && 'latencyMs' in fault) await sleep?.(fault.latencyMs);
    },
    take(operation, region) {
      const planned = takePlanned(operation, region, (each) => !('latencyMs' in each));
      return planned ?? (operation === 'CreateRoom' && faultRates ? chanceFault(faultRates, random()) : undefined);
    },
    clear: () => {
      plans = [];
    },
  };
}

function chanceFault({ lostResponse = 0, internalError = 0 }: FaultRates, draw: number): Fault | undefined {
  if (draw < lostResponse) return { lostResponse: true };
  if (draw < lostResponse + internalError / 2) return { errorAfterEffect: 500 };
  return draw < lostResponse + internalError ? { error: 'InternalServerException' } : undefined;
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
  if ('errorAfterEffect' in fault) {
    const error = apiError('InternalServerException', 'Injected by a fault plan, after the effect');
    return respond.error({ ...error, status: fault.errorAfterEffect });
  }
  if ('garbage' in fault) return { ...response, status: 200, body: '\u0000\ufffd not what you expect' };
  if ('truncated' in fault) return { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) };
  return response;
}
