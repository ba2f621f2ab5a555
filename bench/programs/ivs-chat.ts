/**
 * The emulator of IVS Chat as a process of its own, as the service itself is one: what else a stack does at the time makes no
 * call arrive later. It says when it is ready, opens for a template at a word, tells its endpoint, and ends with its channel.
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
