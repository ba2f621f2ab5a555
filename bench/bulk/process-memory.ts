import { readFileSync } from 'node:fs';

/** The peak memory of a process so far, in MiB (Linux: `VmHWM`), or 0 if the process has ended. */
function peakMebibytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Measures the highest peak memory of the processes that `pids` returns, until the measurement is stopped. */
export function watchMemory(pids: () => readonly number[], everyMs = 100): { peakMebibytes(): number; stop(): void } {
  let peak = 0;
  const measure = () => {
    peak = Math.max(peak, ...pids().map(peakMebibytes));
  };
  const timer = setInterval(measure, everyMs);
  return {
    peakMebibytes: () => Math.round(peak),
    stop() {
      measure();
      clearInterval(timer);
    },
  };
}
