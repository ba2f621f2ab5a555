import { readFileSync } from 'node:fs';
import { sum } from '../harness/arithmetic.ts';
import { makeRequests, sendRequests } from '../harness/requests.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import { type RunningStack, withStack } from '../harness/with-stack.ts';

const QUOTA_PER_SECOND = 20;
const WORKERS = 2;
const WARM_UP_ROOMS = 100;
const ROOMS = 300;
/** The unit of the times in Linux's /proc. */
const TICKS_PER_SECOND = 100;
const LIMIT_MS = 120_000;

/**
 * The processor time that the packaged function uses for a request, in milliseconds of one whole processor of this machine. The function is
 * warm and runs in separate processes, at a rate that leaves the machine mostly idle. This works only on Linux, which has `/proc`.
 */
export async function measureCpuMs(context: ScenarioContext): Promise<number> {
  const change = { callsPerSecond: QUOTA_PER_SECOND, workers: { bulk: WORKERS } };
  const setting = {
    name: 'simulation cpu',
    isolation: 'process' as const,
    warm: WORKERS,
    quotaPerSecond: QUOTA_PER_SECOND,
  };
  return withStack(context, { ...setting, change }, async (running) => {
    await drain(running, WARM_UP_ROOMS, 'warm-up');
    const before = usedMs(running);
    await drain(running, ROOMS, 'room');
    return (usedMs(running) - before) / ROOMS;
  });
}

async function drain(running: RunningStack, rooms: number, name: string): Promise<void> {
  const requests = makeRequests(rooms, { name });
  await sendRequests(requests, { ...running, lane: 'bulk' });
  await running.settle(
    requests.map(({ key }) => key),
    LIMIT_MS,
  );
}

function usedMs({ stack }: RunningStack): number {
  return sum(stack.functions.flatMap((each) => each.pids()).map(processMs));
}

/** The user and system time of a process: fields 14 and 15 of its `stat`. Field 2 is its name in parentheses, which may contain spaces. */
function processMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000;
}
