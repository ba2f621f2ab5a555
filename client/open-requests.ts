import type { Completion } from '../lib/contract/completion.ts';
import type { PreparedRequest } from './prepared-request.ts';

/** The requests whose completion has not arrived yet. */
export interface OpenRequests {
  add(request: PreparedRequest): void;
  /**
   * Closes the first open request that the completion answers. Each of several equal requests needs its own completion. Completions are
   * delivered at least once, so a repeated completion may close another equal request.
   * @returns the request; undefined if the completion answers no open request, because it is a repeat, or answers another sender's request
   */
  close(completion: Completion): PreparedRequest | undefined;
  readonly size: number;
  list(): PreparedRequest[];
}

export function createOpenRequests(): OpenRequests {
  const open = new Set<PreparedRequest>();
  // A completion without a subject answers a request without a readable key.
  const byKey = new Map<string | undefined, PreparedRequest[]>();

  return {
    add(request) {
      open.add(request);
      const sameKey = byKey.get(request.idempotencyKey);
      if (sameKey) sameKey.push(request);
      else byKey.set(request.idempotencyKey, [request]);
    },
    close(completion) {
      const sameKey = byKey.get(completion.subject) ?? [];
      const request = sameKey.find((each) => each.isAnsweredBy(completion));
      if (!request) return undefined;
      sameKey.splice(sameKey.indexOf(request), 1);
      open.delete(request);
      return request;
    },
    get size() {
      return open.size;
    },
    list: () => [...open],
  };
}
