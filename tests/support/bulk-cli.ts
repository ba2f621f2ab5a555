import { runCli } from '../../cli/run-cli.ts';
import type { Deployment } from '../../client/deployment.ts';
import type { Completion } from '../../lib/contract/completion.ts';
import { BUCKET, type BulkDesk } from './bulk-desk.ts';
import { madeRoom } from './completions.ts';
import { capturePrinted } from './printed.ts';
import { testDeployment } from './test-deployment.ts';

/** The desk as a stage of the command line. */
export function stageOf({ clients, table }: BulkDesk): Deployment {
  return testDeployment({ ...clients, rosterTable: table.tableName, manifestBucket: async () => BUCKET });
}

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

export type BulkCli = ReturnType<typeof createBulkCli>;

/**
 * The command line in this process, on the handlers of a desk. Whenever a command waits, the manifests that were uploaded are read, and
 * the requests that were sent get their completions.
 */
export function createBulkCli(desk: BulkDesk) {
  const told = new Set<string>();
  const answered = new Set<string>();
  let answerOf: (key: string) => Completion | undefined = (key) => madeRoom(key, { decidedAtMs: desk.nowMs() });

  async function readManifests(): Promise<void> {
    for (const key of desk.s3.objects.keys()) {
      const { record, jobId } = desk.noticeOf(key);
      if (!key.startsWith('manifests/') || told.has(jobId)) continue;
      told.add(jobId);
      await desk.tell([record]);
    }
  }

  function newCompletions(): Map<string, Completion[]> {
    const completions = new Map<string, Completion[]>();
    for (const { roster, idempotencyKey } of desk.requests()) {
      const completion = answered.has(`${roster} ${idempotencyKey}`) ? undefined : answerOf(idempotencyKey);
      if (completion === undefined) continue;
      answered.add(`${roster} ${idempotencyKey}`);
      completions.set(roster, [...(completions.get(roster) ?? []), completion]);
    }
    return completions;
  }

  /** Delivers the notices that commands have sent. */
  async function readNotices(): Promise<void> {
    const queue = desk.queue('manifests');
    const sent = [...queue.messages()];
    queue.remove(new Set(sent.map(({ id }) => id)));
    for (const { body, attributes } of sent) await desk.deliver('manifests', [{ body, attributes }]);
  }

  async function work(): Promise<void> {
    await readManifests();
    await readNotices();
    for (const [roster, own] of newCompletions()) await desk.answer(roster, own);
    for (const jobId of told) if (await desk.isJob(jobId)) await desk.check(jobId);
  }

  return {
    work,
    /** Determines the completion of each key from now on. Undefined: not yet. */
    answerWith(answer: (key: string) => Completion | undefined): void {
      answerOf = answer;
    },
    /** Begins a command that the test interrupts. */
    interruptible(words: readonly string[]): { interrupt(): void; ended: Promise<CliRun> } {
      const interruption = new AbortController();
      return { interrupt: () => interruption.abort(), ended: this.run(words, { interruption }) };
    },
    /**
     * @param interruptAfter the number of waits after which the user presses Ctrl-C
     * @param clockErrorMs the error of the clock of the user's computer
     */
    async run(
      words: readonly string[],
      { interruptAfter = Number.POSITIVE_INFINITY, interruption = new AbortController(), clockErrorMs = 0 } = {},
    ): Promise<CliRun> {
      const printed = capturePrinted();
      if (interruptAfter === 0) interruption.abort();
      let waits = 0;
      const clock = {
        nowMs: () => desk.nowMs() + clockErrorMs,
        async sleep(ms: number, signal?: AbortSignal) {
          desk.pass(ms);
          await work();
          waits += 1;
          if (waits >= interruptAfter) interruption.abort();
          signal?.throwIfAborted();
        },
      };
      try {
        const { signal } = interruption;
        await runCli(words, {
          signal,
          clock,
          findDeployment: async ({ defaultRegion }) => ({
            ...stageOf(desk),
            ...(defaultRegion && { defaultRegion: () => defaultRegion }),
          }),
        });
      } finally {
        printed.restore();
      }
      const code = Number(process.exitCode ?? 0);
      process.exitCode = undefined;
      return { code, stdout: printed.stdout(), stderr: printed.stderr() };
    },
  };
}
