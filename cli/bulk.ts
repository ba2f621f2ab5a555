import type { Command } from 'commander';
import { addBulkReportCommand } from './bulk-report.ts';
import { addBulkStopCommand } from './bulk-stop.ts';
import { addBulkUploadCommand } from './bulk-upload.ts';
import type { CliContext } from './cli-context.ts';

const EXAMPLES = `
Examples:
  $ greenroom bulk events/samples/rooms.csv   request a room for each valid row,
                                              and wait for all outcomes
  $ greenroom bulk rooms.csv --dry-run        show what would happen, and how
                                              long it would take
  $ greenroom bulk rooms.ndjson --all-or-nothing   request nothing if any row
                                                   is invalid
  $ greenroom bulk rooms.csv --json | jq .report   print one JSON object at the
                                                   end
  $ jq -c '.rooms[]' plan.json | greenroom bulk - --name plan   read standard
                                                                input
  $ greenroom bulk report 5f0c6c2a            print the report of a job
  $ greenroom bulk stop 5f0c6c2a              create no further rooms for a job

The manifest is a CSV file with a header row, NDJSON or a JSON array, and may be
compressed with gzip (docs/bulk.md). The command recognises the format and the
separator, and refuses a file that it cannot read with certainty. If you upload
the same rows again, no second room is created. Ctrl-C does not end the job; to
follow it again: greenroom watch JOB. To list jobs: greenroom jobs.
The exit code is 0 if every row has a room, otherwise 1.`;

/** Without a subcommand, `bulk` uploads a file, so its help describes the options of the upload. */
export function defineCommand(bulk: Command, context: CliContext): void {
  bulk.usage('[options] <file>\n       greenroom bulk <command>').addHelpText('after', EXAMPLES);
  const upload = addBulkUploadCommand(bulk, context).addHelpText('after', EXAMPLES);
  addBulkReportCommand(bulk, context);
  addBulkStopCommand(bulk, context);
  const help = bulk.createHelp();
  bulk.configureHelp({
    visibleArguments: () => help.visibleArguments(upload),
    visibleOptions: () => help.visibleOptions(upload),
  });
}
