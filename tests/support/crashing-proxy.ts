import {
  type LoopbackProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
  passOn,
  startLoopbackProxy,
} from './loopback-proxy.ts';

export interface CrashingProxy extends LoopbackProxy {
  /**
   * Blocks the call with this number (the first has the number 1) and all later ones, as if the process had crashed before or after the
   * call took effect. The calls are counted from 1 again. Without a number, all calls get through.
   */
  crashAt(call?: number, mode?: 'before' | 'after'): void;
  /** Blocks only the next call of this operation. */
  failOnce(operation: RegExp): void;
  /** Refuses the second half of the next batch of messages, as SQS may. */
  refuseHalfABatch(): void;
  /** The calls that got through since counting began. */
  readonly calls: readonly string[];
  readonly crashed: boolean;
}

/** A proxy between a handler and AWS. It can cut off the handler in the middle of its work. */
export async function startCrashingProxy(target: string): Promise<CrashingProxy> {
  let point: { call: number; mode: 'before' | 'after' } | undefined;
  let calls: string[] = [];
  let crashed = false;
  let refuses = false;
  let failing: RegExp | undefined;

  async function halfRefused(request: ProxiedRequest): Promise<ProxiedAnswer> {
    refuses = false;
    const input = JSON.parse(request.body.toString());
    const taken = input.Entries.slice(0, input.Entries.length / 2);
    const body = Buffer.from(JSON.stringify({ ...input, Entries: taken }));
    const headers = { ...request.headers, 'content-length': String(body.length) };
    const answer = await passOn(target, { ...request, headers, body });
    const Failed = input.Entries.slice(taken.length).map(({ Id }: { Id: string }) => ({
      Id,
      Code: 'InternalError',
      SenderFault: false,
    }));
    const text = JSON.stringify({ ...JSON.parse(answer.body.toString()), Failed });
    const answered = Buffer.from(text);
    return { ...answer, headers: { ...answer.headers, 'content-length': String(answered.length) }, body: answered };
  }

  const proxy = await startLoopbackProxy(async (request) => {
    if (crashed) return undefined;
    const isPoint = calls.length + 1 === point?.call;
    if (isPoint) crashed = true;
    if (isPoint && point?.mode === 'before') return undefined;
    const operation = operationOf(request);
    if (failing?.test(operation)) {
      failing = undefined;
      return undefined;
    }
    calls.push(operation);
    const isHalf = refuses && operation === 'SendMessageBatch';
    const answer = await (isHalf ? halfRefused(request) : passOn(target, request));
    return isPoint ? undefined : answer;
  });
  return {
    ...proxy,
    crashAt(call, mode = 'before') {
      point = call === undefined ? undefined : { call, mode };
      calls = [];
      crashed = false;
    },
    failOnce(operation) {
      failing = operation;
    },
    refuseHalfABatch() {
      refuses = true;
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
