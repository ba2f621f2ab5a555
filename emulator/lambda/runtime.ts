/**
 * Runs inside an execution environment (a worker thread or a process) and does the work of Lambda's runtime: it loads the handler once, then
 * runs one event after the other. A real environment is frozen between invocations; this one is not.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { describeError, type Report, type Request, requestSchema } from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const post: (report: Report) => void = (report) =>
  parentPort ? parentPort.postMessage(report) : process.send?.(report);
const listen = (listener: (message: unknown) => void) => (parentPort ?? process).on('message', listener);

async function loadHandler(taskRoot: string, handlerName: string): Promise<Handler> {
  const at = handlerName.lastIndexOf('.');
  const [file, exportName] = [join(taskRoot, handlerName.slice(0, at)), handlerName.slice(at + 1)];
  const extension = ['.js', '.cjs', '.mjs'].find((each) => existsSync(file + each));
  if (extension === undefined) throw new Error(`There is no ${file}.js, .cjs or .mjs`);
  const exported: Record<string, unknown> =
    extension === '.mjs'
      ? await import(pathToFileURL(file + extension).href)
      : createRequire(import.meta.url)(file + extension);
  const handler = exported[exportName];
  if (!isHandler(handler)) throw new Error(`${file}${extension} exports no function ${exportName}`);
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function contextOf({ requestId, functionName, functionArn, memoryMb, deadlineMs }: Request): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function run(handler: Handler, request: Request): Promise<Report> {
  try {
    const result = await handler(request.event, contextOf(request));
    // The result passes through JSON, as on AWS.
    return { kind: 'ok', payload: JSON.parse(JSON.stringify(result ?? null)) };
  } catch (thrown) {
    return { kind: 'error', error: describeError(thrown) };
  }
}

// If the runner is killed, this process must end too.
process.once('disconnect', () => process.exit());
// Ctrl-C in a terminal sends SIGINT to all of its processes. This process ignores the signal, because the runner decides when the process
// ends.
process.on('SIGINT', () => undefined);

async function start(): Promise<void> {
  try {
    const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT ?? '', process.env._HANDLER ?? '');
    listen(async (message) => post(await run(handler, requestSchema.parse(message))));
    post({ kind: 'ready' });
  } catch (thrown) {
    post({ kind: 'init-error', error: describeError(thrown) });
  }
}

void start();
