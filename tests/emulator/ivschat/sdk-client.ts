import { IvschatClient } from '@aws-sdk/client-ivschat';
import type { IvsChatOptions } from '../../../emulator/ivschat/ivs-chat.ts';
import { serveService } from '../../support/serve-service.ts';
import { emulator } from './emulator.ts';
import { conforming } from './model-schema.ts';

/** An emulator behind HTTP, and the SDK's own client for it without retries. `await using` closes both. */
export async function servedEmulator(options: Partial<IvsChatOptions> = {}) {
  const { ivsChat, clock } = emulator(options);
  const served = await serveService(conforming(ivsChat.handle));
  const clients: IvschatClient[] = [];

  function clientOf(region: string): IvschatClient {
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'SECRET' };
    const client = new IvschatClient({ endpoint: served.url, region, credentials, maxAttempts: 1 });
    clients.push(client);
    return client;
  }

  return {
    ivsChat,
    clock,
    url: served.url,
    clientOf,
    client: clientOf('eu-west-1'),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await served.close();
      await ivsChat.close();
    },
  };
}

/** The error of a call that must fail. @throws Error if the call succeeds */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`Expected a rejection, got ${JSON.stringify(outcome.value)}`);
  return outcome.error;
}
