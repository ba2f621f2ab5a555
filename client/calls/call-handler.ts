import type { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ProxySetting } from './proxy.ts';

/** Each attempt of a call. Generous, because a long poll takes 20 s; the SDK makes 3 attempts. */
export const ATTEMPT_TIMEOUT_MS = 30_000;
const CONNECTION_TIMEOUT_MS = 10_000;

/** The call to which a request belongs. */
export interface CurrentCall {
  /** Aborted when the call is cancelled. */
  signal: AbortSignal;
}

type Handle = NodeHttpHandler['handle'];

/**
 * Sends the requests of all clients. Each request has a time limit, and is aborted when its call is cancelled. The limit for an upload is a
 * time without progress, because the whole upload may take any time.
 */
export class CallHandler extends NodeHttpHandler {
  readonly #currentCall: AsyncLocalStorage<CurrentCall>;

  constructor(currentCall: AsyncLocalStorage<CurrentCall>, proxy: ProxySetting | undefined) {
    super({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: ATTEMPT_TIMEOUT_MS,
      socketTimeout: ATTEMPT_TIMEOUT_MS,
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
