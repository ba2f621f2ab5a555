import { readFileSync } from 'node:fs';

/** How SQS treats the messages of the interactive lane. */
export interface QueueRules {
  maxReceiveCount: number;
  retentionMs: number;
  visibilityTimeoutMs: number;
}

/** As the template deploys the lane: what the code assumes of its queue, the simulation enforces. */
export function readQueueRules(): QueueRules {
  const queue = section(read('infrastructure/queues.yml'), 'InteractiveQueue');
  return {
    maxReceiveCount: numberIn(queue, 'maxReceiveCount'),
    retentionMs: numberIn(queue, 'MessageRetentionPeriod') * 1000,
    visibilityTimeoutMs: numberIn(read('serverless.yml'), 'visibilityTimeoutSeconds') * 1000,
  };
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** What stands below a resource's name, up to the next one. */
function section(text: string, resource: string): string {
  const [, rest = ''] = text.split(`\n  ${resource}:\n`);
  return rest.split(/\n {2}(?=\w)/)[0] ?? '';
}

function numberIn(text: string, name: string): number {
  const [, digits] = new RegExp(`^\\s*${name}: (\\d+)$`, 'm').exec(text) ?? [];
  if (digits === undefined) throw new Error(`The template does not tell ${name}`);
  return Number(digits);
}
