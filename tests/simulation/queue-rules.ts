import { readFileSync } from 'node:fs';

/** The settings of the interactive queue. */
export interface QueueRules {
  maxReceiveCount: number;
  retentionMs: number;
  visibilityTimeoutMs: number;
}

/** Reads the settings that the template deploys, so that the simulation enforces the same limits. */
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

/** The lines below the name of a resource, up to the next resource. */
function section(text: string, resource: string): string {
  const [, rest = ''] = text.split(`\n  ${resource}:\n`);
  return rest.split(/\n {2}(?=\w)/)[0] ?? '';
}

function numberIn(text: string, name: string): number {
  const [, digits] = new RegExp(`^\\s*${name}: (\\d+)$`, 'm').exec(text) ?? [];
  if (digits === undefined) throw new Error(`The template has no ${name}`);
  return Number(digits);
}
