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

/** The calls that are struck, and how. The first call has the number 1. */
export type Plan = ReadonlyMap<number, Mode>;

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
}

/** A proxy between functions and AWS that kills a function with SIGKILL in the middle of a call. */
export async function startKillingProxy({ target, callers }: KillingProxyOptions): Promise<KillingProxy> {
  let plan: Plan = new Map();
  let calls: Call[] = [];
  let killedPids: number[] = [];

  function killCallers(): void {
    for (const pid of callers()) {
      process.kill(pid, 'SIGKILL');
      killedPids.push(pid);
    }
  }

  async function answer(request: ProxiedRequest): Promise<ProxiedAnswer | undefined> {
    const struck = plan.get(calls.length + 1);
    calls.push({ operation: operationOf(request), struck });
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
    begin(next) {
      plan = next;
      calls = [];
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
