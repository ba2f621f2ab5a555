/**
 * Runs the IVS Chat emulator in a separate process, so that it registers calls on time even if the stack is busy. The program first reports
 * that it is ready, and waits for a message with the path of a template. It then starts the emulator with that template's settings, and
 * reports the endpoint. It exits when the parent process disconnects.
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
