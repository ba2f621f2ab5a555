/** 128 + the number of the signal, as shells report it. */
export const EXIT_INTERRUPTED = 130;
const EXIT_HUNG_UP = 129;
const EXIT_TERMINATED = 143;
/**
 * The exit code that shells report if SIGPIPE ends a program because nothing reads its output any more, such as `grep` in `grep … | head
 * -1`.
 */
const EXIT_UNREAD = 141;
const EXIT_FAILED = 1;

/** After an interruption, calls that change something may still take this long. */
export const GRACE_MS = 3_000;

/**
 * The terminal sends Ctrl-C to the process, and `npx` passes it on again. A signal that arrives this soon after the first one is not a
 * second Ctrl-C.
 */
const SAME_SIGNAL_MS = 250;

/** The reason why a command ends early. Its signal is aborted with this reason. */
export class Interruption extends Error {
  override readonly name = 'AbortError';
  readonly exitCode: number;
  /** Whether the command ends without a message about the interruption. */
  readonly isQuiet: boolean;

  constructor(message: string, { exitCode, isQuiet = false }: { exitCode: number; isQuiet?: boolean }) {
    super(message);
    this.exitCode = exitCode;
    this.isQuiet = isQuiet;
  }
}

/** The interruption with which a signal was aborted. A signal that another part of the program aborts counts as Ctrl-C. */
export function interruptionOf({ reason }: AbortSignal): Interruption {
  return reason instanceof Interruption ? reason : new Interruption('Interrupted', { exitCode: EXIT_INTERRUPTED });
}

/**
 * A signal that is aborted by the first Ctrl-C, by SIGTERM, or when the terminal is closed (SIGHUP), so that temporary resources can be
 * removed. The second Ctrl-C ends the process immediately. The signal is also aborted if the output cannot be written, because its reader
 * has ended (`| head`) or the disk is full.
 */
export function watchForInterruption(): AbortSignal {
  const interruption = new AbortController();
  let firstAtMs = 0;
  const interrupt = (reason: Interruption) => () => {
    if (!interruption.signal.aborted) firstAtMs = performance.now();
    else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(reason.exitCode);
    interruption.abort(reason);
  };
  process.on('SIGINT', interrupt(new Interruption('Interrupted', { exitCode: EXIT_INTERRUPTED })));
  process.on('SIGTERM', interrupt(new Interruption('Ended by SIGTERM', { exitCode: EXIT_TERMINATED })));
  process.on('SIGHUP', interrupt(new Interruption('The terminal is closed', { exitCode: EXIT_HUNG_UP })));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      interruption.abort(outputFailure(error));
    });
  }
  return interruption.signal;
}

function outputFailure({ code, message }: NodeJS.ErrnoException): Interruption {
  if (code === 'EPIPE') return new Interruption('Nothing reads the output', { exitCode: EXIT_UNREAD, isQuiet: true });
  if (code === 'EIO') return new Interruption('The terminal is closed', { exitCode: EXIT_HUNG_UP, isQuiet: true });
  const problem = code === 'ENOSPC' ? 'no space is left on the device (ENOSPC)' : message;
  return new Interruption(`The output cannot be written: ${problem}`, { exitCode: EXIT_FAILED });
}
