import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceResponse } from '../../emulator/service.ts';
import type { Intercept } from './in-process-client.ts';

/** The worker crashes at this call, either before or after the call takes effect. */
export interface CrashPoint {
  atCall: number;
  effect: boolean;
}

/** The worker is paused before this call, until `until` is resolved. */
export interface Hold {
  atCall: number;
  until: Promise<void>;
  /** Called when the worker has reached the call. */
  reached: () => void;
}

interface Invocation {
  calls: string[];
  crash: CrashPoint | undefined;
  hold: Hold | undefined;
  reportCrash(): void;
}

/** Crashes or pauses workers at one of their calls. */
export interface Interruptions {
  /** Crashes the next batch that is run with `mayCrash` and that reaches the call. */
  setCrash(crash: CrashPoint): void;
  /** Whether a crash has been set but has not happened yet. */
  hasCrashAhead(): boolean;
  /** Pauses the next batch at the call. */
  setHold(hold: Hold): void;
  /** Runs one invocation. @returns the calls that it made, and its result unless it crashed */
  run<T>(mayCrash: boolean, handle: () => Promise<T>): Promise<{ calls: string[]; result: T | undefined }>;
  /** The function through which clients send their calls. */
  intercept: Intercept;
}

export function createInterruptions(): Interruptions {
  const running = new AsyncLocalStorage<Invocation>();
  let nextCrash: CrashPoint | undefined;
  let nextHold: Hold | undefined;
  return {
    setCrash(crash) {
      nextCrash = crash;
    },
    hasCrashAhead: () => nextCrash !== undefined,
    setHold(hold) {
      nextHold = hold;
    },
    async run(mayCrash, handle) {
      const crash = mayCrash ? nextCrash : undefined;
      if (crash) nextCrash = undefined;
      const hold = nextHold;
      nextHold = undefined;
      const crashed = Promise.withResolvers<undefined>();
      const invocation: Invocation = { calls: [], crash, hold, reportCrash: () => crashed.resolve(undefined) };
      const result = await Promise.race([running.run(invocation, handle), crashed.promise]);
      if (crash && result !== undefined) nextCrash = crash;
      return { calls: invocation.calls, result };
    },
    async intercept(call, send): Promise<ServiceResponse> {
      const invocation = running.getStore();
      if (!invocation) return send();
      const place = invocation.calls.push(call);
      if (invocation.hold?.atCall === place) {
        invocation.hold.reached();
        await invocation.hold.until;
      }
      const crashes = invocation.crash !== undefined && place >= invocation.crash.atCall;
      if (!crashes) return send();
      if (invocation.crash?.effect && place === invocation.crash.atCall) await send();
      invocation.reportCrash();
      return new Promise(() => undefined);
    },
  };
}
