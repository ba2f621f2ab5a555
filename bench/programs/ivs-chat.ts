/**
 * The emulator of IVS Chat as a separate process, so that the load of a stack does not delay the arrival of
 * calls. It reports when it is ready, opens for the template in its task, reports its endpoint, and ends when its channel closes.
 */
import * as z from 'zod';
import { startGateway } from '../../emulator/gateway/gateway.ts';
import { readTemplate } from '../../emulator/template/read-template.ts';
import { openIvsChat } from '../../local/open-ivs-chat.ts';

const taskSchema = z.object({ templateFile: z.string(), seed: z.int(), calm: z.boolean() });

process.once('message', async (message) => {
  const { templateFile, ...setting } = taskSchema.parse(message);
  const ivsChat = openIvsChat(readTemplate(templateFile), setting);
  const { endpoint } = await startGateway({
    seed: setting.seed,
    services: { ivschat: ivsChat },
    adminRoutes: { '/_greenroom/ivschat/': ivsChat.adminHandle },
  });
  process.send?.({ kind: 'listening', endpoint });
});
process.once('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal; the benchmark ends this one.
process.on('SIGINT', () => undefined);
process.send?.({ kind: 'ready' });
