import { type LoopbackProxy, type ProxiedAnswer, passOn, startLoopbackProxy } from './loopback-proxy.ts';

export interface OneAtATimeProxy extends LoopbackProxy {
  /** How many requests have been forwarded. */
  readonly forwardedCount: number;
}

/**
 * Forwards HTTP requests to another server on this machine. Each request waits for the complete answer to the previous one. Only receives from SQS
 * do not, because they wait for messages.
 */
export async function startOneAtATimeProxy(target: string): Promise<OneAtATimeProxy> {
  let forwardedCount = 0;
  let last: Promise<unknown> = Promise.resolve();
  const proxy = await startLoopbackProxy((request) => {
    forwardedCount += 1;
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage') return passOn(target, request);
    const answered: Promise<ProxiedAnswer> = last.then(() => passOn(target, request));
    last = answered.catch(() => undefined);
    return answered;
  });
  return {
    ...proxy,
    get forwardedCount() {
      return forwardedCount;
    },
  };
}
