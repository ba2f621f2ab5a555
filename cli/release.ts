import { type Command, InvalidArgumentError, Option } from 'commander';
import { REGIONS } from '../lib/contract/regions.ts';
import { KEEP_MS } from '../lib/contract/release-wish.ts';
import { timestampMs } from '../lib/contract/timestamp.ts';
import type { CliContext } from './cli-context.ts';
import { yesOption } from './confirm.ts';
import {
  defaultRegionOption,
  encodingOption,
  literalOption,
  positiveInteger,
  regionOption,
  stageOption,
} from './options.ts';
import { releaseOptionsSchema, selectionOf } from './release-options.ts';
import { releaseRooms } from './release-rooms.ts';
import { changeReleases } from './release-stop.ts';
import { onlyWith } from './usage.ts';

const EXAMPLES = `
Examples:
  $ greenroom release final-2026/main-chat             release a room now
  $ greenroom release --event final-2026 --at 2026-12-19T02:00:00+01:00
      the event runs late: release its rooms at this time
  $ greenroom release --job 5f0c6c2a --dry-run         show the state of the
                                                       rooms of a job
  $ greenroom release --job 5f0c6c2a --confirm 480     release them now
  $ greenroom release --job 5f0c6c2a --keep            undo this: keep the rooms
  $ greenroom release --stop                           stop all releases
  $ greenroom release --resume eu-west-1               resume them in a region

The command lists the rooms before it sends anything. Then it asks for
confirmation, unless you use --yes. For more than 100 rooms, it requires their
exact number (--confirm). --keep deletes nothing, so it requires neither.

States:
  made         the room exists
  being made   its request is in progress
  unknown      no request with this key has been handled yet. If one arrives,
               its room is released too, or is not created at all
  failed       its request failed, and may be sent again
  marked       the release is final, and the room is being deleted
  released     the room is deleted
  damaged      the ledger item cannot be read: greenroom status KEY

RELEASE is the time at which the room is to be released, or was released. A
release can be undone until its time, and for the grace period of the stage (15
minutes by default) after greenroom has stored the command. If you interrupt
this command, it may have sent only some of the release commands. Run it again
to send all of them.
The exit code is 0 if a release command was sent for every room (with --wait:
and applies), otherwise 1. Rooms that are released already count as released.`;

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('[keys...]', 'the idempotency keys of the rooms')
    .option('--job <id>', 'all rooms of a bulk job, including rows that have not been read yet')
    .option('--manifest <file>', 'the rooms of all rows of a manifest; - is standard input')
    .option('--event <id>', 'all rooms of a live event')
    .option('--at <time>', 'release the rooms at this time (default: now)', (text: string) =>
      timeAhead(text, context.clock.nowMs()),
    )
    .option('--keep', 'keep the rooms: withdraw their release')
    .option('--tenant <tenant>', 'leave out the rooms of other tenants')
    .option('--dry-run', 'only list the rooms')
    .addOption(new Option('--confirm <n>', 'the exact number of rooms, instead of --yes').argParser(positiveInteger))
    .addOption(yesOption())
    .option('--wait', 'wait until greenroom has answered every command')
    .option('--timeout <seconds>', 'how long --wait waits', positiveInteger, 300)
    .option('-o, --output <file>', 'save all rooms to this file as NDJSON; it must not exist')
    .option('--json', 'print one JSON object per room, and one with the totals')
    .option('--name <name>', 'the name in the keys of rows without a key (default: the file name)')
    .addOption(encodingOption())
    .addOption(literalOption())
    .addOption(defaultRegionOption())
    .addOption(new Option('--stop [region]', 'stop releases, in one region or all').choices(REGIONS))
    .addOption(new Option('--resume [region]', 'resume releases, in one region or all').choices(REGIONS))
    .addOption(stageOption())
    .addOption(regionOption())
    .addHelpText('after', EXAMPLES)
    .action(async (keys: string[], given: unknown) => {
      const options = releaseOptionsSchema.parse(given);
      const selection = selectionOf(keys, options);
      const isDone = await ('regions' in selection
        ? changeReleases(selection, options, context)
        : releaseRooms(selection, options, context));
      if (!isDone) process.exitCode = 1;
    });
  onlyWith(command, '--timeout', '--wait');
  for (const flag of ['--name', '--encoding', '--literal']) onlyWith(command, flag, '--manifest');
  onlyWith(command, '--default-region', '--manifest', '--job');
}

function timeAhead(text: string, nowMs: number): number {
  const ms = timestampMs(text);
  if (ms === undefined)
    throw new InvalidArgumentError('It must be a date and time with an offset, such as 2026-12-18T23:00:00Z.');
  if (ms <= nowMs)
    throw new InvalidArgumentError('It must be in the future. Without --at, the rooms are released now.');
  if (ms >= KEEP_MS) throw new InvalidArgumentError('It must be before the year 10000. To keep the rooms, use --keep.');
  return ms;
}
