import type { CreateRoomCommand, CreateRoomCommandInput, CreateRoomCommandOutput } from '@aws-sdk/client-ivschat';
import type { FinalizeRequestMiddleware, RequestSigner, RequestSigningArguments } from '@smithy/types';
import * as z from 'zod/mini';
import type { Clock } from '../platform/clock.ts';

/** The call was not sent, because the send window after its intent had passed. */
export class SendWindowPassedError extends Error {
  override readonly name = 'SendWindowPassedError';
}

export interface SigningTime {
  /** The time of the intent, which is the signing date of the request. */
  intentMs: number;
  sendWindowMs: number;
  clock: Clock;
  /** Called after the request is signed, immediately before it is passed to the connection. If it throws, nothing is sent. */
  beforeSend(): Promise<void>;
}

type Middleware = FinalizeRequestMiddleware<CreateRoomCommandInput, CreateRoomCommandOutput>;
type SignerProvider = (authScheme?: unknown) => Promise<RequestSigner>;

/**
 * The part of the SDK's handler context that determines how the request is signed. z.custom returns the original object, because
 * `signAtIntent` changes it in place.
 */
const signingSchema = z.object({
  __smithy_context: z.object({
    selectedHttpAuthScheme: z.object({
      httpAuthOption: z.custom<{ signingProperties: { config: { signer: SignerProvider } } }>(
        (option) => optionSchema.safeParse(option).success,
      ),
    }),
  }),
});
const optionSchema = z.object({ signingProperties: z.object({ config: z.object({ signer: z.function() }) }) });

/**
 * Rule SIGN: signs a CreateRoom call with the time of its intent instead of the time at which it is sent.
 *
 * AWS rejects a request that arrives after its signing date plus the signature's lifetime. Therefore even a worker that was frozen between
 * intent and send cannot create a room after the intent plus that lifetime. The settle time relies on this.
 *
 * The date is set in the signer itself. An offset to the SDK's clock would give a different date if the worker paused before it signed, or if
 * the SDK corrected its clock.
 */
export function signAtIntent(command: CreateRoomCommand, time: SigningTime): void {
  const useIntentTime: Middleware = (next, context) => (args) => {
    if (time.clock.nowMs() - time.intentMs > time.sendWindowMs) {
      throw new SendWindowPassedError('The send window has passed');
    }
    const { httpAuthOption } = signingSchema.parse(context).__smithy_context.selectedHttpAuthScheme;
    const { config, ...properties } = httpAuthOption.signingProperties;
    const signer: SignerProvider = async (authScheme) =>
      dated(await config.signer(authScheme), new Date(time.intentMs));
    httpAuthOption.signingProperties = { ...properties, config: { ...config, signer } };
    return next(args);
  };
  const holdBack: Middleware = (next) => async (args) => {
    await time.beforeSend();
    return next(args);
  };
  const toMiddleware = 'httpSigningMiddleware';
  command.middlewareStack.addRelativeTo(useIntentTime, { name: 'useIntentTime', relation: 'before', toMiddleware });
  command.middlewareStack.addRelativeTo(holdBack, { name: 'holdBack', relation: 'after', toMiddleware });
}

function dated(signer: RequestSigner, signingDate: Date): RequestSigner {
  return {
    sign: (request, options?: RequestSigningArguments) => signer.sign(request, { ...options, signingDate }),
  };
}
