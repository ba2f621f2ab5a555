import { join } from 'node:path';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { withCompletionFeed } from '../../client/completion-feed.ts';
import { connectLocally, type Deployment } from '../../client/deployment.ts';
import type { Isolation } from '../../emulator/lambda/isolates.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { ScheduleRates } from '../../local/scheduled-rules.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { type FunctionLogs, openFunctionLogs } from '../../local/start/function-logs.ts';
import { templateFile } from '../../local/start/make-package.ts';
import type { UsageMeter } from '../costs/usage.ts';
import { type TemplateChange, writeChangedTemplate } from './changed-template.ts';
import { type CompletionLog, createCompletionLog } from './completion-log.ts';
import { type IvsChatProcess, startIvsChat } from './ivs-chat-process.ts';
import type { ScenarioContext } from './scenario.ts';
import { warmUp } from './warm-up.ts';

export interface StackSetting {
  /** The name of the run, for its logs and progress. */
  name: string;
  change?: TemplateChange;
  /** Switches on the faults that `npm start` injects by default, such as lost responses and duplicate messages. Default: no faults */
  hasFaults?: boolean;
  seed?: number;
  isolation?: Isolation;
  /** How many execution environments are warmed up before the run, so that cold starts are not measured. Default: 5 */
  warm?: number;
  /** The quota of CreateRoom, instead of the real 5 calls a second. */
  quotaPerSecond?: number;
  /** How many calls may arrive together after a pause. Default: 2 */
  burst?: number;
  /** Measures the usage of the stack from its start. */
  watch?: UsageMeter;
  /** When schedules invoke their functions. Default: at the rates of the template */
  schedules?: ScheduleRates;
  /** How long each CreateRoom takes. Default: only the emulator's own time */
  createRoomMs?: number;
}

export interface RunningStack {
  stack: Stack;
  /** The stack's IVS Chat, in a separate process. */
  ivsChat: IvsChatProcess;
  deployment: Deployment;
  completions: CompletionLog;
  logs: FunctionLogs;
  signal: AbortSignal;
  /** Waits until the keys are answered, but no longer than the limit. The caller must check which keys are still open. */
  settle(keys: readonly string[], limitMs: number): Promise<void>;
}

const REGION: Region = 'eu-west-1';
const PROGRESS_MS = 5_000;
const DEFAULT_WARM = 5;
const PLENTY = 1_000_000;

/** Runs the packaged service on a separate embedded stack while `use` runs, and receives its completions. */
export async function withStack<T>(
  { root, signal, progress }: ScenarioContext,
  setting: StackSetting,
  use: (running: RunningStack) => Promise<T>,
): Promise<T> {
  const template = writeChangedTemplate(templateFile(root), setting.change ?? {});
  const logs = openFunctionLogs(join(root, '.greenroom', 'bench', setting.name.replaceAll(' ', '-')));
  const options = {
    templateFile: template.file,
    seed: setting.seed ?? 1,
    calm: !setting.hasFaults,
    isolation: setting.isolation ?? 'thread',
    region: REGION,
    // Checking policies takes no time on AWS, but takes some here.
    enforcePolicies: false,
    onLog: (name: string, line: string) => {
      logs.write(name, line);
      setting.watch?.onLog(line);
    },
    onError: logs.writeError,
    ...(setting.schedules && { schedules: setting.schedules }),
    ...(setting.watch && { around: setting.watch.around, onInvocation: setting.watch.onInvocation }),
  };
  try {
    return await withSeparateIvsChat(options, async ({ stack, ivsChat }) => {
      await warmUp({ stack, ivsChat }, setting.warm ?? DEFAULT_WARM);
      await tuneIvsChat(ivsChat, setting);
      return follow({ stack, ivsChat, logs, signal }, (text) => progress(`${setting.name}: ${text}`), use);
    });
  } finally {
    template.remove();
  }
}

/** Runs a stack whose IVS Chat is a separate process, so that the arrival time of a call does not depend on the load of the stack. */
export async function withSeparateIvsChat<T>(
  options: StackOptions,
  use: (running: Pick<RunningStack, 'stack' | 'ivsChat'>) => Promise<T>,
): Promise<T> {
  const ivsChat = await startIvsChat(options.templateFile, options);
  try {
    const stack = await startStack({ ...options, endpoints: { ivschat: ivsChat.endpoint } });
    try {
      return await use({ stack, ivsChat });
    } finally {
      await stack.stop();
    }
  } finally {
    await ivsChat.stop();
  }
}

export async function tuneIvsChat(
  ivsChat: IvsChatProcess,
  { quotaPerSecond, burst, createRoomMs }: Pick<StackSetting, 'quotaPerSecond' | 'burst' | 'createRoomMs'>,
): Promise<void> {
  if (quotaPerSecond !== undefined) await ivsChat.setQuotas({ tps: { CreateRoom: quotaPerSecond } });
  if (burst !== undefined) await ivsChat.setQuotas({ burst });
  if (createRoomMs !== undefined)
    await ivsChat.inject({ operation: 'CreateRoom', times: PLENTY, fault: { latencyMs: createRoomMs } });
}

async function follow<T>(
  { stack, ivsChat, logs, signal }: Pick<RunningStack, 'stack' | 'ivsChat' | 'logs' | 'signal'>,
  progress: (text: string) => void,
  use: (running: RunningStack) => Promise<T>,
): Promise<T> {
  const deployment = connectLocally({ endpoint: stack.endpoint, region: REGION });
  const completions = createCompletionLog();
  const listening = new AbortController();
  const onUnreadable = (problem: string) => logs.writeError(new Error(`Not a completion: ${problem}`));
  try {
    return await withCompletionFeed(deployment, { onUnreadable }, async (feed) => {
      const listened = (async () => {
        for await (const { completion } of feed.completions(listening.signal)) completions.note(completion, Date.now());
      })();
      try {
        const settle = settler(completions, signal, progress);
        return await use({ stack, ivsChat, deployment, completions, logs, signal, settle });
      } finally {
        listening.abort();
        await listened;
      }
    });
  } finally {
    deployment.close();
  }
}

function settler(completions: CompletionLog, signal: AbortSignal, progress: (text: string) => void) {
  return async (keys: readonly string[], limitMs: number): Promise<void> => {
    const answered = () => keys.filter((key) => completions.answers.has(key)).length;
    const timer = setInterval(() => progress(`${answered()} of ${keys.length} answered`), PROGRESS_MS);
    try {
      await completions.answered(keys, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
    } finally {
      clearInterval(timer);
    }
    signal.throwIfAborted();
  };
}

/** The number of messages in a queue, including those in flight. */
export async function messagesIn({ sqs }: Pick<Deployment, 'sqs'>, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}
