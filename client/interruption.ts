/** 128 + SIGINT, as shells report it. */
export const EXIT_INTERRUPTED = 130;

/**
 * A signal that is aborted by the first Ctrl-C, by SIGTERM, or when the terminal is closed (SIGHUP), so that temporary resources can be
 * removed. The second Ctrl-C ends the process immediately. The signal is also aborted when the program that reads the output ends
 * (`| head`).
 */
export function watchForInterruption(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
    interruption.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // EIO: the terminal is closed.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      interruption.abort();
    });
  }
  return interruption.signal;
}
