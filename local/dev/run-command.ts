import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { explainError } from '../../client/explain-error.ts';
import { UserError } from '../../client/user-error.ts';
import { codeOf } from '../start/writable.ts';

/** After an interruption, the command may still take this long. The terminal sends Ctrl-C to the command too, so it usually ends at once. */
const PATIENCE_MS = 500;
/** After SIGTERM, the command may take this long. The whole process ends five seconds after the interruption. */
const GRACE_MS = 2_500;

const REASONS = new Map([
  ['ENOENT', 'there is no such program'],
  ['EACCES', 'it is not an executable file'],
]);

/**
 * Runs a program with the standard streams of this process. If the signal is aborted, the program is ended.
 * @returns the exit code of the program. If a signal ended it, this is 128 + the number of the signal, as shells report it
 * @throws UserError if the program cannot be started
 */
export async function runCommand(
  [program = '', ...args]: readonly string[],
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<number> {
  const child = spawn(program, args, { env, stdio: 'inherit' });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  });
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    timer = setTimeout(() => {
      child.kill('SIGTERM');
      timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    }, PATIENCE_MS);
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await ended;
  } catch (error) {
    const reason = REASONS.get(codeOf(error) ?? '') ?? explainError(error);
    throw new UserError(`Cannot run ${program}: ${reason}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
