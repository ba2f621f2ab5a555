import { type Command, Option } from 'commander';
import * as z from 'zod';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { printLines } from '../client/fit-line.ts';
import { checkLiveEventLine, inSendingOrder, type ProgrammeLine, refuseRepeated } from '../client/live-event-lines.ts';
import { forecastProgramme } from '../client/operate/programme-forecast.ts';
import { roomsToCreate } from '../client/operate/rooms-to-create.ts';
import { readRequestLines } from '../client/request-lines.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import { REGIONS, type Region } from '../lib/contract/regions.ts';
import { sendMessages } from '../lib/platform/send-messages.ts';
import { awaitEvents, noteRefusalsBefore } from './await-events.ts';
import type { CliContext } from './cli-context.ts';
import {
  defaultRegionOption,
  encodingOption,
  positiveInteger,
  positiveNumber,
  regionOption,
  stageOption,
} from './options.ts';
import { counted } from './print/bulk-lines.ts';
import { forecastJson, forecastLines } from './print/forecast-lines.ts';
import { formatLine } from './print/format-line.ts';
import { createMessageProblems } from './print/message-problems.ts';
import { createProblemNotes } from './print/problem-tally.ts';
import { nameOfFile, readWhole } from './read-file.ts';
import { onlyWith } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom schedule programme.ndjson
        schedule one live event per line, in any envelope
  $ greenroom schedule programme.ndjson --wait
        also wait until each event has been accepted, or refused with a reason
  $ greenroom schedule programme.json --dry-run
        show how much lead time the events need, and which would be late
  $ jq -c '.shows[]' plan.json | greenroom schedule -
        read the events from standard input

Every {{now}} in the text is replaced by the current time, and {{now+PT45M}} by
the time 45 minutes later. The whole file is checked before anything is sent: if
there are problems, all of them are shown and nothing is sent. Sending the same
file again changes nothing, unless it contains {{now}}. Then its times have
changed, so greenroom refuses it until you raise the revision.
With --wait, each event has one line: accepted, cancelled, refused, replaced (by
a later message of the same file), or unknown (no answer within the timeout).
The forecast of --dry-run assumes that nothing else uses the quota. It includes
only the events of the file, and only their rooms that do not exist yet.
The exit code is 0 if everything was sent (with --wait: and accepted; with
--dry-run: if no event would be late), otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  encoding: z.string().exactOptional(),
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(false),
  timeout: z.number(),
  rate: z.number(),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;
type Usable = Exclude<ProgrammeLine, { kind: 'unusable' }>;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('<file>', 'the events: NDJSON or a JSON document; - is standard input')
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .addOption(encodingOption())
    .option('--wait', 'wait until each event has been accepted or refused')
    .option('--timeout <seconds>', 'how long --wait waits', positiveInteger, 60)
    .addOption(
      new Option(
        '--dry-run',
        'send nothing; show how much lead time the events need, and which would be late',
      ).conflicts('wait'),
    )
    .option('--rate <n>', 'the rooms per second and region that the forecast assumes', positiveNumber, 5)
    .option('--json', 'print the forecast as one JSON object; with --wait, one object per event')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: unknown) => {
      if (!(await schedule(file, optionsSchema.parse(options), context))) process.exitCode = 1;
    });
  onlyWith(command, '--rate', '--dry-run');
  onlyWith(command, '--json', '--dry-run', '--wait');
  onlyWith(command, '--timeout', '--wait');
}

/** @returns whether everything was sent and, with `wait`, accepted; for a dry run, whether no event would be late */
async function schedule(file: string, options: Options, context: CliContext): Promise<boolean> {
  const deployment = await context.findDeployment(options);
  try {
    const lines = await readProgramme(file, options, deployment.defaultRegion(), context);
    if (options.dryRun) return await printForecast(lines, options, deployment, context);
    if (!options.wait) return (await sendAll(lines, deployment, context)).length === lines.length;
    const before = await noteRefusalsBefore(lines, deployment);
    const sent = await sendAll(lines, deployment, context);
    const waiting = { timeoutSeconds: options.timeout, json: options.json };
    return (await awaitEvents(sent, before, deployment, waiting, context)) && sent.length === lines.length;
  } finally {
    deployment.close();
  }
}

/** @throws UserError if any line of the file cannot be used, after it has printed all problems */
async function readProgramme(
  file: string,
  { encoding }: Options,
  region: Region,
  { signal, clock, note }: CliContext,
): Promise<Usable[]> {
  const read: ProgrammeLine[] = [];
  let format: FileFormat | undefined;
  const from = { name: nameOfFile(file), encoding, onFormat: (found: FileFormat) => (format = found) };
  for await (const line of readRequestLines(readWhole(file, signal), () => new Date(clock.nowMs()), from)) {
    read.push(checkLiveEventLine(line, { region, nowMs: clock.nowMs() }));
  }
  if (read.length === 0) throw new UserError(`${file} contains no live events`);
  const lines = refuseRepeated(read);
  showProblems(file, lines);
  if (format !== undefined) note(formatLine(file, format, counted(read.length, 'message')));
  const unusable = lines.filter((line) => line.kind === 'unusable');
  if (unusable.length > 0)
    throw new UserError(`Nothing was sent: ${unusable.length} of ${lines.length} events have problems (see above)`);
  return lines.filter((line) => line.kind !== 'unusable');
}

function showProblems(file: string, lines: readonly ProgrammeLine[]): void {
  const shown = createMessageProblems(file, 'schedule');
  for (const line of lines) {
    if (line.kind === 'unusable') {
      const { name, body, liveEventId: id, problems } = line;
      shown.add({ name, body, id, problems, verdict: 'cannot be scheduled' });
    } else shown.pass();
  }
  shown.end();
}

async function printForecast(
  lines: Usable[],
  { rate, json }: Options,
  deployment: Deployment,
  { clock, note }: CliContext,
): Promise<boolean> {
  const scheduled = lines.filter((line) => line.kind === 'scheduled');
  const { events: programme, existing } = await roomsToCreate(scheduled, deployment, note);
  if (existing > 0) note(`${existing} rooms already exist: the forecast counts only the others.`);
  if (programme.length === 0) throw new UserError('The file schedules no event, so there is no forecast');
  const forecast = forecastProgramme(programme, { nowMs: clock.nowMs(), callsPerSecond: rate });
  if (json) console.log(JSON.stringify(forecastJson(forecast)));
  else printLines(forecastLines(forecast, rate).map(printable));
  return forecast.events.every(({ readyAtMs, startsAtMs }) => readyAtMs <= startsAtMs);
}

/** @returns the lines that were sent */
async function sendAll(
  lines: Usable[],
  deployment: Deployment,
  { signal, clock, note }: CliContext,
): Promise<Usable[]> {
  const queueUrl = await deployment.queueUrl('live-events');
  const settings = { sqs: deployment.sqs, queueUrl, clock, random: Math.random, signal };
  const sent: Usable[] = [];
  const unsent = createProblemNotes('message');
  try {
    for await (const results of sendMessages(inSendingOrder(lines), settings))
      for (const { message, problem } of results) {
        if (problem === undefined) sent.push(message);
        else unsent.note(`${message.name} (${message.liveEventId}) was not sent: ${problem}`, problem);
      }
  } finally {
    unsent.end();
    note(
      `Sent ${sent.length} of ${lines.length} live events to stage ${deployment.stage}; ${typed('events')} shows their state.`,
    );
  }
  return sent;
}
