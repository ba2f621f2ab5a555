import { printable } from '../client/completion-line.ts';
import type { RequestStatus } from '../client/operate/request-status.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { progressText } from './print/status-lines.ts';

const POLL_EVERY_MS = 1_000;
/** How long to wait for the publication of a decision. A worker publishes it at once, unless it crashes or SNS is unavailable. */
const PUBLICATION_MS = 10_000;

/**
 * Reads the status of a request until the request has its outcome and the completion was published, or could not be published for ten seconds.
 * Whenever the reason to wait changes, tells the user. An item that cannot be read also ends the wait, because only a person can repair it.
 * @throws UserError that says what the request still waits for at the time limit; the signal's reason
 */
export async function waitForOutcome(
  read: () => Promise<RequestStatus>,
  timeoutSeconds: number,
  { clock, signal, note }: Pick<CliContext, 'clock' | 'signal' | 'note'>,
): Promise<RequestStatus> {
  const endMs = clock.nowMs() + timeoutSeconds * 1000;
  let told = '';
  let decidedMs: number | undefined;
  for (;;) {
    const status = await read();
    const nowMs = clock.nowMs();
    if (status.kind === 'damaged' || isPublished(status)) return status;
    if (isDecided(status)) {
      decidedMs ??= nowMs;
      const lastMs = Math.min(endMs, decidedMs + PUBLICATION_MS);
      if (nowMs >= lastMs) return status;
      await clock.sleep(Math.min(POLL_EVERY_MS, lastMs - nowMs), signal);
      continue;
    }
    const progress = printable(progressText(status, nowMs));
    if (nowMs >= endMs)
      throw new UserError(`No outcome within ${timeoutSeconds} seconds: ${progress}. The request continues`);
    if (progress !== told) note(progress);
    told = progress;
    await clock.sleep(Math.min(POLL_EVERY_MS, endMs - nowMs), signal);
  }
}

function isDecided(status: RequestStatus): boolean {
  return status.kind === 'known' && status.item.decision !== undefined;
}

function isPublished(status: RequestStatus): boolean {
  return status.kind === 'known' && status.item.decision !== undefined && status.item.status === 'COMPLETED';
}
