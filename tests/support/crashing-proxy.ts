import { type LoopbackProxy, type ProxiedRequest, passOn, startLoopbackProxy } from './loopback-proxy.ts';

export interface CrashingProxy extends LoopbackProxy {
  /**
   * From this call on (the first has the number 1) nothing gets through any more, as if the process had died: `before` the
   * call has its effect, or `after` it. Counts from the beginning again. Without a number everything gets through.
   */
  crashAt(call?: number, mode?: 'before' | 'after'): void;
  /** What has been called since then, the calls that did not get through left out. */
  readonly calls: readonly string[];
  readonly crashed: boolean;
}

/** Stands between a handler and AWS, and cuts the handler off in the middle of its work. */
export async function startCrashingProxy(target: string): Promise<CrashingProxy> {
  let point: { call: number; mode: 'before' | 'after' } | undefined;
  let calls: string[] = [];
  let crashed = false;

  const proxy = await startLoopbackProxy(async (request) => {
    if (crashed) return undefined;
    const isPoint = calls.length + 1 === point?.call;
    if (isPoint) crashed = true;
    if (isPoint && point?.mode === 'before') return undefined;
    calls.push(operationOf(request));
    const answer = await passOn(target, request);
    return isPoint ? undefined : answer;
  });
  return {
    ...proxy,
    crashAt(call, mode = 'before') {
      point = call === undefined ? undefined : { call, mode };
      calls = [];
      crashed = false;
    },
    get calls() {
      return calls;
    },
    get crashed() {
      return crashed;
    },
  };
}

function operationOf({ method, url, headers, body }: ProxiedRequest): string {
  const [, target] = String(headers['x-amz-target'] ?? '').split('.');
  return target ?? new URLSearchParams(body.toString()).get('Action') ?? `${method} ${url.split('?')[0]}`;
}
