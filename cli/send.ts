import { type Command, Option } from 'commander';
import * as z from 'zod';
import { withCompletionFeed } from '../client/completion-feed.ts';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { printNotes } from '../client/fit-line.ts';
import { readRequestStatus } from '../client/operate/request-status.ts';
import { type PreparedRequest, prepareRequest } from '../client/prepared-request.ts';
import { createRepeatedKeys } from '../client/repeated-keys.ts';
import { readRequestLines } from '../client/request-lines.ts';
import { UserError } from '../client/user-error.ts';
import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import { ledgerKey } from '../lib/contract/keys.ts';
import type { Problem } from '../lib/contract/problems.ts';
import { problemsIn } from '../lib/contract/read-message.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { learnTimeFrom } from '../lib/platform/learn-time.ts';
import { sendMessages } from '../lib/platform/send-messages.ts';
import { createSharedTime } from '../lib/platform/shared-time.ts';
import { awaitCompletions } from './await-completions.ts';
import type { CliContext } from './cli-context.ts';
import { defaultRegionOption, encodingOption, positiveInteger, regionOption, stageOption } from './options.ts';
import { OUTPUTS } from './print/answers.ts';
import { counted } from './print/bulk-lines.ts';
import { formatLine } from './print/format-line.ts';
import { createMessageProblems } from './print/message-problems.ts';
import { nameOfFile, readChunks } from './read-file.ts';
import { isGiven, onlyWith, UsageError } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom send requests.ndjson   send one message body per line, in any
                                     envelope
  $ greenroom send requests.json --lane bulk   send a JSON list of requests to
                                               the bulk lane
  $ greenroom send events/samples/bare.json --wait   send a request, and wait
                                                     for its room
  $ ARN=$(greenroom send request.json --wait --output arn)   store the room's
                                                             ARN in a variable
  $ greenroom send requests.ndjson --wait --json   print the completions as
                                                   NDJSON
  $ jq -c '.matches[]' plan.json | greenroom send -   read standard input

Every {{now}} in the text is replaced by the current time. Each request is
checked before it is sent, and all of its problems are shown. A request with
the key of an earlier request of the file is invalid if its room differs.

If a key already had its room, the room is shown as "existing". During a long
wait, the command says what the first open request waits for, if you have
permission to read the ledger and the pace table.
With --output arn, standard output contains only the ARNs of the rooms, one
per line, in the order of the requests. Failures are on standard error.

The exit code is 0 if everything was sent (with --wait: and every request has
its room), otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  lane: z.enum(['interactive', 'bulk']),
  encoding: z.string().exactOptional(),
  unchecked: z.boolean().default(false),
  wait: z.boolean().default(false),
  timeout: z.number(),
  output: z.enum(OUTPUTS),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('<file>', 'the requests: NDJSON or a JSON document; - is standard input')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .addOption(
      new Option('--lane <lane>', 'the queue to send to').choices(['interactive', 'bulk']).default('interactive'),
    )
    .addOption(encodingOption())
    .option('--unchecked', 'also send invalid requests; the service announces their problems')
    .option('--wait', 'wait until each request that was sent has its completion')
    .option('--timeout <seconds>', 'how long --wait waits', positiveInteger, 300)
    .addOption(new Option('--output <format>', 'what --wait prints').choices(OUTPUTS).default('text'))
    .option('--json', 'short for --output json')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, given: unknown) => {
      const options = optionsSchema.parse(given);
      if (options.json && isGiven(command, '--output') && options.output !== 'json')
        throw new UsageError(`--json and --output ${options.output} cannot be used together`);
      if (!(await send(file, options, context))) process.exitCode = 1;
    });
  for (const flag of ['--timeout', '--output', '--json']) onlyWith(command, flag, '--wait');
}

/** @returns whether everything was sent and, with `wait`, provisioned */
async function send(file: string, options: Options, context: CliContext): Promise<boolean> {
  const deployment = await context.findDeployment(options);
  const onUnreadable = (problem: string) =>
    printNotes([printable(`Skipped a message that is not a completion: ${problem}`)]);
  try {
    if (!options.wait) return (await sendFile(file, options, deployment, context)).allSent;
    const { clock } = context;
    const time = createSharedTime(clock);
    learnTimeFrom(deployment.sqs, time, clock);
    return await withCompletionFeed(deployment, { onUnreadable }, async (feed) => {
      const sentFromMs = clock.nowMs();
      const { sent, allSent } = await sendFile(file, options, deployment, context);
      const allProvisioned = await awaitCompletions(feed, sent, {
        output: options.json ? 'json' : options.output,
        sentFromMs: () => time.toSharedMs(sentFromMs),
        timeoutSeconds: options.timeout,
        statusOf: (key) => readRequestStatus(deployment, ledgerKey(key)),
        ...context,
      });
      return allSent && allProvisioned;
    });
  } finally {
    deployment.close();
  }
}

async function sendFile(file: string, options: Options, deployment: Deployment, { signal, clock, note }: CliContext) {
  const { lane, wait } = options;
  const queueUrl = await deployment.queueUrl(lane);
  const region = deployment.defaultRegion();
  const counts = { read: 0, sent: 0 };
  const sent: PreparedRequest[] = [];
  const problems = createMessageProblems(file, 'send');
  const keys = createRepeatedKeys();
  let format: FileFormat | undefined;

  async function* checked(): AsyncGenerator<PreparedRequest> {
    const from = {
      name: nameOfFile(file),
      encoding: options.encoding,
      onFormat: (found: FileFormat) => (format = found),
    };
    for await (const line of readRequestLines(readChunks(file, signal), () => new Date(clock.nowMs()), from)) {
      const request = prepareRequest(line, { region, nowMs: clock.nowMs() });
      const found = problemsOf(request, keys);
      warnOfProblems(request, found, options.unchecked, problems);
      counts.read += 1;
      if (found.length === 0 || options.unchecked) yield request;
    }
  }

  const settings = { sqs: deployment.sqs, queueUrl, clock, random: Math.random, signal };
  try {
    for await (const results of sendMessages(checked(), settings)) {
      const taken = results.filter(({ problem }) => problem === undefined).map(({ message }) => message);
      for (const { message, problem } of results) if (problem !== undefined) problems.addUnsent(message.name, problem);
      counts.sent += taken.length;
      if (wait) sent.push(...taken.filter(({ read }) => read.kind !== 'release'));
    }
    if (counts.read === 0) throw new UserError(`${file} contains no requests`);
  } finally {
    problems.end();
    if (format !== undefined && counts.read > 0) note(formatLine(file, format, counted(counts.read, 'message')));
    if (counts.read > 0)
      note(`Sent ${counts.sent} of ${counts.read} requests to the ${lane} lane of stage ${deployment.stage}.`);
  }
  const allSent = counts.sent === counts.read;
  return { sent, allSent };
}

/** A file may also contain release commands. No completion answers a release command, so `greenroom send` does not wait for one. */
function problemsOf({ read, name }: PreparedRequest, keys: ReturnType<typeof createRepeatedKeys>): Problem[] {
  if (read.kind === 'release') return [];
  if (read.kind !== 'request') return problemsIn(read);
  const repeated = keys.note(read, name);
  return repeated === undefined ? [] : [repeated];
}

function warnOfProblems(
  { name, body, idempotencyKey, read }: PreparedRequest,
  found: readonly Problem[],
  unchecked: boolean,
  problems: ReturnType<typeof createMessageProblems>,
): void {
  if (found.length === 0 || unchecked) problems.pass();
  if (found.length === 0) return;
  const consequence = unchecked ? 'sent anyway' : 'not sent; use --unchecked to send it';
  const what = read.kind === 'invalid-release' ? 'release command' : 'request';
  const verdict = `is not a valid ${what}: ${consequence}`;
  problems.add({ name, body, id: idempotencyKey, problems: found, verdict });
}
