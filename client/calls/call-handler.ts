import type { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ProxySetting } from './proxy.ts';

export interface TimeLimits {
  connectionMs: number;
  /** The limit for the time until an attempt has its response. Uploads have no such limit. */
  responseMs: number;
  /** The limit for the time without any progress. */
  idleMs: number;
}

/** The limits are generous, because a long poll takes 20 s. The SDK makes 3 attempts. */
export const TIME_LIMITS: TimeLimits = { connectionMs: 10_000, responseMs: 30_000, idleMs: 30_000 };

/** The call to which a request belongs. */
export interface CurrentCall {
  /** Aborted when the call is cancelled. */
  signal: AbortSignal;
}

type Handle = NodeHttpHandler['handle'];

/**
 * Sends the requests of all clients. Each request has a time limit, and is aborted when its call is cancelled. For an upload, only the time
 * without progress is limited, because a large upload may take any amount of time.
 */
export class CallHandler extends NodeHttpHandler {
  readonly #currentCall: AsyncLocalStorage<CurrentCall>;

  constructor(currentCall: AsyncLocalStorage<CurrentCall>, proxy: ProxySetting | undefined, limits: TimeLimits) {
    super({
      connectionTimeout: limits.connectionMs,
      requestTimeout: limits.responseMs,
      socketTimeout: limits.idleMs,
      throwOnRequestTimeout: true,
      ...proxy?.agents,
    });
    this.#currentCall = currentCall;
  }

  override handle(...[request, options = {}]: Parameters<Handle>): ReturnType<Handle> {
    const call = this.#currentCall.getStore();
    const signals = [options.abortSignal, call?.signal].filter((signal) => signal instanceof AbortSignal);
    return super.handle(request, {
      ...options,
      ...(signals.length > 0 && { abortSignal: AbortSignal.any(signals) }),
      ...(request.body instanceof Readable && { requestTimeout: 0 }),
    });
  }
}
