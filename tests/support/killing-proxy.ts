import {
  type LoopbackProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
  passOn,
  startLoopbackProxy,
} from './loopback-proxy.ts';

/**
 * The fate of a struck call. `before`: its process is killed, and the call does not take effect. `after`: the call takes
 * effect, and then its process is killed. `lost`: the call takes effect, and its process gets no answer.
 */
export const MODES = ['before', 'after', 'lost'] as const;
export type Mode = (typeof MODES)[number];

/**
 * A call that is struck, and how. It has the number `nth` among the calls of its operation since the strike before it: on a busy machine,
 * calls are repeated or added, and its number among all calls would differ from run to run.
 */
export interface Strike {
  operation: string;
  nth: number;
  mode: Mode;
}

/** The calls that are struck, in their order. */
export type Plan = readonly Strike[];

export interface Call {
  /** The AWS name of the operation: `UpdateItem`, `Publish`, `CreateRoom`. */
  operation: string;
  struck: Mode | undefined;
}

export interface KillingProxy extends LoopbackProxy {
  /** Begins counting again, with this plan. */
  begin(plan: Plan): void;
  /** The calls since `begin`, in the order of their arrival. */
  readonly calls: readonly Call[];
  /** The processes that were killed since `begin`. */
  readonly killedPids: readonly number[];
}

export interface KillingProxyOptions {
  /** The endpoint to which calls are forwarded. */
  target(): string;
  /** The processes that may have made the call that has just arrived. All of them are killed. */
  callers(): number[];
  /** Called when a call arrives, before it takes effect. */
  onCall?(operation: string): void;
}

/** A proxy between functions and AWS that kills a function with SIGKILL in the middle of a call. */
export async function startKillingProxy({ target, callers, onCall }: KillingProxyOptions): Promise<KillingProxy> {
  let left: Strike[] = [];
  let calls: Call[] = [];
  let firstSinceStrike = 0;
  let killedPids: number[] = [];

  function killCallers(): void {
    for (const pid of callers()) {
      process.kill(pid, 'SIGKILL');
      killedPids.push(pid);
    }
  }

  /** Notes a call. @returns the mode of its strike, if the plan strikes it */
  function note(operation: string): Mode | undefined {
    const [next] = left;
    const before = calls.slice(firstSinceStrike).filter((call) => call.operation === operation).length;
    const struck = operation === next?.operation && before + 1 === next.nth ? next.mode : undefined;
    calls.push({ operation, struck });
    if (struck) {
      left.shift();
      firstSinceStrike = calls.length;
    }
    return struck;
  }

  async function answer(request: ProxiedRequest): Promise<ProxiedAnswer | undefined> {
    const operation = operationOf(request);
    onCall?.(operation);
    const struck = note(operation);
    if (struck !== 'before') {
      const answered = await passOn(target(), request);
      if (struck === undefined) return answered;
    }
    if (struck !== 'lost') killCallers();
    return undefined;
  }

  const proxy = await startLoopbackProxy(answer);
  return {
    ...proxy,
    begin(plan) {
      left = [...plan];
      calls = [];
      firstSinceStrike = 0;
      killedPids = [];
    },
    get calls() {
      return calls;
    },
    get killedPids() {
      return killedPids;
    },
  };
}

/** The operation is in a header (DynamoDB, SQS), in a form field (SNS) or in the path (IVS Chat). */
function operationOf({ url, headers, body }: ProxiedRequest): string {
  const [, target] = String(headers['x-amz-target'] ?? '').split('.');
  return target ?? new URLSearchParams(body.toString()).get('Action') ?? url.slice(1);
}
