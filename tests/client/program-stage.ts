import { greenroomOn } from '../../client/greenroom.ts';
import { createSharedTime } from '../../lib/platform/shared-time.ts';
import { createCommandBench } from '../support/command-bench.ts';

/** The client library on services in memory, and the handlers of greenroom on the same services. */
export function createProgramBench({ tenant }: { tenant?: string } = {}) {
  const bench = createCommandBench();
  const { deployment, clock } = bench;
  const stage = { deployment, region: deployment.defaultRegion, tenant, clock, time: createSharedTime(clock) };
  const messages = (queue: string) => [...bench.messaging.queue(queue).messages()];
  return {
    ...bench,
    greenroom: greenroomOn({ open: async () => stage, close: async () => undefined }),
    messages,
    bodies: (queue: string) => messages(queue).map(({ body }) => JSON.parse(body)),
    /** Handles the messages of the interactive lane, as a worker does. */
    async work(): Promise<void> {
      const sent = messages('interactive');
      bench.messaging.queue('interactive').remove(new Set(sent.map(({ id }) => id)));
      for (const { body } of sent) await bench.handle(bench.record(body));
    },
  };
}
