import {
  type LoopbackProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
  passOn,
  startLoopbackProxy,
} from './loopback-proxy.ts';

/**
 * The fate of a struck call. `before`: its process is killed, and the call has no effect. `after`: it has its
 * effect, and then its process is killed. `lost`: it has its effect, and its process gets no answer.
 */
export const MODES = ['before', 'after', 'lost'] as const;
export type Mode = (typeof MODES)[number];

/** Which calls are struck, and how; the first has the number 1. */
export type Plan = ReadonlyMap<number, Mode>;

export interface Call {
  /** As AWS calls it: `UpdateItem`, `Publish`, `CreateRoom`. */
  operation: string;
  struck: Mode | undefined;
}

export interface KillingProxy extends LoopbackProxy {
  /** Counts from the beginning again, and strikes by this plan. */
  begin(plan: Plan): void;
  /** Since then, in the order of their arrival. */
  readonly calls: readonly Call[];
  /** The processes that have been killed since then. */
  readonly killedPids: readonly number[];
}

export interface KillingProxyOptions {
  /** Where calls go. */
  target(): string;
  /** The processes that may be making the call that has just arrived: all of them are killed. */
  callers(): number[];
}

/** A proxy between functions and AWS that kills a function in the middle of a call, with SIGKILL. */
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

/** In a header (DynamoDB, SQS), in a form's field (SNS) or as the path (IVS Chat). */
function operationOf({ url, headers, body }: ProxiedRequest): string {
  const [, target] = String(headers['x-amz-target'] ?? '').split('.');
  return target ?? new URLSearchParams(body.toString()).get('Action') ?? url.slice(1);
}
