import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What each command needs in order to call a service. A new command needs a row. */
export const COMMAND_ARGUMENTS: Readonly<Record<string, string[]>> = {
  send: ['request.json'],
  'bulk upload': ['rooms.csv'],
  'bulk report': ['5f0c6c2a'],
  'bulk stop': ['5f0c6c2a', '--yes'],
  watch: [],
  env: [],
  jobs: [],
  status: ['one'],
  schedule: ['event.json'],
  events: [],
  cancel: ['final', '--yes'],
  release: ['one', '--yes'],
  'parked list': [],
  'parked show': ['3f2a'],
  'parked remove': ['3f2a', '--yes'],
  'pace show': [],
  'pace pause': ['eu-west-1'],
  'pace resume': ['eu-west-1'],
  'pace rate': ['4', 'eu-west-1'],
  redrive: ['--all', '--yes'],
  'rebuild-ledger': ['--backup-time', '2026-06-01T09:00:00Z'],
  doctor: [],
  console: [],
  top: ['--once'],
};

/** The commands that call no service, or only one that they have started. */
export const CALLS_NOTHING = ['completion', 'dev'];

/** Other ways to use the commands, which make other calls first. */
export const COMMAND_VARIANTS: readonly [string, string[]][] = [
  ['send', ['request.json', '--wait']],
  ['bulk upload', ['rooms.csv', '--dry-run']],
  ['watch', ['5f0c6c2a']],
  ['status', ['final', '--name']],
  ['schedule', ['event.json', '--dry-run']],
  ['release', ['--job', '5f0c6c2a', '--dry-run']],
  ['release', ['--event', 'final', '--keep']],
  ['release', ['--manifest', 'rooms.csv', '--yes']],
  ['release', ['--stop']],
];

/** A directory with the files that the arguments name. */
export function openCommandFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-commands-'));
  writeFileSync(join(directory, 'request.json'), '{"idempotencyKey":"one","room":{}}');
  writeFileSync(join(directory, 'rooms.csv'), 'key\none\n');
  const event = { type: 'Live Event Scheduled', liveEventId: 'final', revision: 1, startsAt: '2026-06-02T12:00:00Z' };
  writeFileSync(join(directory, 'event.json'), JSON.stringify({ ...event, rooms: [{ key: 'main', room: {} }] }));
  return {
    /** The whole command line, with the paths of the files. */
    lineOf(path: string, args: readonly string[]): string[] {
      const files = args.map((arg) => (/\.(json|csv)$/.test(arg) ? join(directory, arg) : arg));
      return [...path.split(' '), ...files];
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** An environment with a region and credentials, regardless of those of the machine. */
export const COMMAND_VARIABLES = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};
