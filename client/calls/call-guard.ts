import { AsyncLocalStorage } from 'node:async_hooks';
import type { HandlerExecutionContext, InitializeMiddleware, MiddlewareStack } from '@smithy/types';
import { type Clock, systemClock } from '../../lib/platform/clock.ts';
import { EXIT_INTERRUPTED, GRACE_MS, Interruption, interruptionOf } from '../interruption.ts';
import { CallHandler, type CurrentCall, TIME_LIMITS, type TimeLimits } from './call-handler.ts';
import { callLine } from './call-line.ts';
import { rememberFailedCall } from './failed-call.ts';
import { canUseProxy, readProxy } from './proxy.ts';
import { requireSdkVariables } from './sdk-environment.ts';

const NOTICE_AFTER_MS = 5_000;
/** Most calls end within this part of their grace period, so the user is told only about calls that take longer. */
const QUIET_GRACE_MS = 1_000;

/**
 * The calls that an interruption cancels at once. All other calls, including later ones, have a few seconds to end, because a half-finished
 * change is worse than no change: messages would stay hidden, a temporary queue would remain, or a message would be sent back and also stay
 * parked.
 */
const READING = /^(Get|List|Describe|Query|Scan|BatchGet|Head)/;

interface GuardSettings {
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  clock: Clock;
  /** Called with a line for the user if a call takes longer than a few seconds. */
  onSlow: (line: string) => void;
  environment: Record<string, string | undefined>;
  limits: TimeLimits;
  /** Called with a line for the user when a call has ended. */
  onCall: (line: string) => void;
}

/** A client of any service. */
export interface Guarded<Input extends object, Output extends object> {
  destroy(): void;
  middlewareStack: MiddlewareStack<Input, Output>;
}

export interface CallGuard {
  /** The request handler for all clients. */
  requestHandler: CallHandler;
  /** Lets an interruption by the user cancel the calls of a client. Every client of the command line must be guarded. */
  guard<Input extends object, Output extends object, Client>(client: Client & Guarded<Input, Output>): Client;
}

/**
 * The behaviour that all calls of the command line share: an interruption cancels them, each attempt has a time limit, the user is told
 * which endpoint a slow call waits for, and a network error names the call and its endpoint.
 * @throws UserError if the environment names an unusable proxy, or contains a variable of the SDK with an unusable value
 */
export function createCallGuard({
  signal = new AbortController().signal,
  clock = systemClock,
  onSlow = () => undefined,
  onCall = () => undefined,
  environment = {},
  limits = TIME_LIMITS,
}: Partial<GuardSettings> = {}): CallGuard {
  requireSdkVariables(environment);
  const proxy = readProxy(environment);
  const usesProxy = canUseProxy(process.versions.node);
  const currentCall = new AsyncLocalStorage<CurrentCall>();
  const requestHandler = new CallHandler(currentCall, proxy, limits);
  const interruptions = watchCalls({ signal, clock, onSlow }, () => requestHandler.destroy());

  const noticed = new Set<string>();
  // Several calls of a command often wait for the same endpoint. The user needs to be told only once.
  function noticeOnce(line: string): void {
    if (!noticed.has(line)) onSlow(line);
    noticed.add(line);
  }

  async function runCall<Result extends { output: object }>(
    context: HandlerExecutionContext,
    input: object,
    call: () => Promise<Result>,
  ) {
    const { action, name } = nameOf(context);
    const { cancelled, forget } = interruptions.add(name, READING.test(action));
    const over = new AbortController();
    const notice = () =>
      noticeOnce(`Still waiting for ${name}${context.endpointV2 ? ` at ${context.endpointV2.url.origin}` : ''}`);
    clock.sleep(NOTICE_AFTER_MS + longPollMs(input), over.signal).then(notice, () => undefined);
    const startMs = clock.nowMs();
    try {
      const result = await currentCall.run({ signal: cancelled }, () => orAborted(call, cancelled));
      onCall(callLine(name, clock.nowMs() - startMs, result));
      return result;
    } catch (error) {
      onCall(callLine(name, clock.nowMs() - startMs, { error }));
      const endpoint = context.endpointV2?.url;
      const named = endpoint?.protocol === 'http:' ? proxy?.named['http:'] : proxy?.named['https:'];
      rememberFailedCall(error, { name, endpoint, proxy: named, usesProxy, profile: environment.AWS_PROFILE });
      throw error;
    } finally {
      forget();
      over.abort();
    }
  }

  return {
    requestHandler,
    guard<Input extends object, Output extends object, Client>(client: Client & Guarded<Input, Output>): Client {
      const middleware: InitializeMiddleware<Input, Output> = (next, context) => (args) =>
        runCall(context, args.input, () => next(args));
      client.middlewareStack.add(middleware, { step: 'initialize', priority: 'high', name: 'guardCalls' });
      return client;
    },
  };
}

interface OpenCall {
  name: string;
  isReading: boolean;
  controller: AbortController;
}

/** One listener for all calls, because Node warns of a leak if a signal has many listeners. */
function watchCalls(
  { signal, clock, onSlow }: Pick<GuardSettings, 'signal' | 'clock' | 'onSlow'>,
  onGraceOver: () => void,
) {
  const open = new Set<OpenCall>();
  let isGraceOver = false;
  const cancelIfDue = ({ name, isReading, controller }: OpenCall) => {
    if (signal.aborted && (isReading || isGraceOver))
      controller.abort(isReading ? signal.reason : unknownEnd(signal, name));
  };
  const interrupt = async () => {
    open.forEach(cancelIfDue);
    const untilOver = new AbortController().signal;
    await clock.sleep(QUIET_GRACE_MS, untilOver);
    const [changing] = [...open].filter(({ isReading }) => !isReading);
    const { exitCode, isQuiet } = interruptionOf(signal);
    const again = exitCode === EXIT_INTERRUPTED ? ' again' : '';
    if (changing && !isQuiet) onSlow(`Waiting until ${changing.name} ends. To end immediately, press Ctrl-C${again}`);
    await clock.sleep(GRACE_MS - QUIET_GRACE_MS, untilOver);
    isGraceOver = true;
    open.forEach(cancelIfDue);
    onGraceOver();
  };
  signal.addEventListener('abort', () => void interrupt(), { once: true });
  return {
    add(name: string, isReading: boolean) {
      const call = { name, isReading, controller: new AbortController() };
      open.add(call);
      cancelIfDue(call);
      return { cancelled: call.controller.signal, forget: () => void open.delete(call) };
    },
  };
}

function unknownEnd(signal: AbortSignal, name: string): Interruption {
  const interruption = interruptionOf(signal);
  return new Interruption(`${interruption.message}: it is not known whether ${name} took effect`, interruption);
}

/** Rejects as soon as the signal is aborted, even if the call is looking for credentials, or waiting before its next attempt. */
async function orAborted<Result>(call: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return await Promise.race([call(), promise]);
}

function nameOf({ clientName = '', commandName = '' }: HandlerExecutionContext) {
  const service = clientName.replace(/Client$/, '');
  const action = commandName.replace(/Command$/, '');
  return { action, name: `${service} ${action}` };
}

/** How long a call may wait for messages. A long poll counts as slow only after that time. */
function longPollMs(input: object): number {
  const seconds = 'WaitTimeSeconds' in input ? input.WaitTimeSeconds : 0;
  return typeof seconds === 'number' ? seconds * 1_000 : 0;
}
