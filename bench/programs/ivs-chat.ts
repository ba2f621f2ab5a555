/**
 * Runs the emulator of IVS Chat in a separate process, so that the load of a stack does not delay the arrival of calls. The program reports
 * that it is ready and waits for its task, which names a template. It then starts the emulator with that template's settings and reports
 * the emulator's endpoint. It ends when its channel closes.
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
// Ctrl-C in a terminal sends SIGINT to all of its processes. This one ignores the signal, because the benchmark ends it.
process.on('SIGINT', () => undefined);
process.send?.({ kind: 'ready' });
