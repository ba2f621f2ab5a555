#!/usr/bin/env node
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { printable } from '../client/completion-line.ts';
import { explainError } from '../client/explain-error.ts';
import { EXIT_INTERRUPTED, watchForInterruption } from '../client/interruption.ts';
import packageJson from '../package.json' with { type: 'json' };
import { addBulkCommand } from './bulk.ts';
import { addCancelCommand } from './cancel.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEventsCommand } from './events.ts';
import { addPaceCommand } from './pace.ts';
import { addParkedCommand } from './parked.ts';
import { addRedriveCommand } from './redrive.ts';
import { addScheduleCommand } from './schedule.ts';
import { addSendCommand } from './send.ts';
import { addStatusCommand } from './status.ts';
import { addWatchCommand } from './watch.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  $ npm start                                        the whole service on this machine, in another terminal
  $ greenroom send events/samples/bare.json --wait   request a room and wait for it
  $ greenroom bulk events/samples/rooms.csv          a room for each row of a file
  $ greenroom watch --stage dev                      the completion of every request of a deployed stage
  $ greenroom status final-2026/main-chat            the state of this request
  $ greenroom schedule events/samples/live-event.json   a live event, whose rooms exist when it begins
  $ greenroom parked                                 messages that wait for a person, and why
  $ greenroom doctor --stage prod                    what is wrong with this stage, and what to do about it

The stage "local" is the embedded stack that \`npm start\` runs in this directory. All other stages are on AWS,
with the usual environment: credentials, AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.`;

/** Runs the command line. The exit code is 0, 1 if something failed, 2 if it was called wrongly, 130 if it was interrupted. */
async function main(): Promise<void> {
  const program = new Command('greenroom')
    .description(packageJson.description)
    .version(packageJson.version)
    .showHelpAfterError('(for help: greenroom --help)')
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  const signal = watchForInterruption();
  addSendCommand(program, signal);
  addBulkCommand(program, signal);
  addWatchCommand(program, signal);
  addStatusCommand(program, signal);
  addScheduleCommand(program, signal);
  addEventsCommand(program, signal);
  addCancelCommand(program, signal);
  addParkedCommand(program, signal);
  addPaceCommand(program);
  addRedriveCommand(program, signal);
  addDoctorCommand(program, signal);
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has printed its message. Requested help is not a failure.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
      return;
    }
    process.exitCode = signal.aborted ? EXIT_INTERRUPTED : EXIT_FAILED;
    console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${printable(explainError(error))}`);
    if (process.env.DEBUG === 'greenroom') console.error(error);
  }
}

await main();
