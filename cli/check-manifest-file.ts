import { printNotes } from '../client/fit-line.ts';
import type { ManifestFile } from '../client/manifest-file.ts';
import { commandFor } from '../client/other-command.ts';
import { planFile, type Reading } from '../client/plan-file.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import { type CheckResult, checkManifest } from '../lib/bulk/check-manifest.ts';
import { ManifestError } from '../lib/bulk/manifest-error.ts';
import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import { problemText } from '../lib/contract/problem-text.ts';
import { counted } from './print/bulk-lines.ts';
import { groupRows } from './print/problem-tally.ts';
import { refusalLines } from './print/refusal-lines.ts';
import { nameOfFile } from './read-file.ts';

export interface CheckedFile extends CheckResult {
  format: FileFormat;
  /** The problems of the rows as lines for people. */
  problemLines: string[];
}

/** @throws UserError if the manifest cannot be accepted, after every problem is printed, or if the file is for another command */
export async function checkFile(manifest: ManifestFile, reading: Reading): Promise<CheckedFile> {
  const { file } = manifest;
  let format: FileFormat | undefined;
  const invalid = groupRows();
  async function* watched() {
    for await (const row of planFile(manifest, reading, (found) => (format = found))) {
      if (row.kind === 'invalid') {
        if (row.place === 1) refuseOther(file, row.written);
        for (const problem of row.problems) invalid.add(row.row, problemText(problem));
      }
      yield row;
    }
  }
  try {
    const checked = await checkManifest(watched());
    if (format === undefined) throw new Error('The manifest has rows, but its format is not known');
    return { ...checked, format, problemLines: invalid.lines() };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    printNotes(refusalLines(error, nameOfFile(file)));
    throw new UserError(`${nameOfFile(file)} cannot be accepted for the reasons above; nothing was uploaded`);
  }
}

/** @throws UserError if the first row is a message for another command, because the whole file then probably consists of such messages */
function refuseOther(file: string, written: unknown): void {
  const other = commandFor(JSON.stringify(written ?? null));
  if (other === undefined || other.command === 'bulk') return;
  throw new UserError(`${nameOfFile(file)} contains ${other.what}: use ${typed(`${other.command} ${file}`)}`);
}

/** Prints the problems of the rows that will be left out. */
export function showProblems(
  file: string,
  { rows, invalid, problemLines }: Pick<CheckedFile, 'rows' | 'invalid' | 'problemLines'>,
  allOrNothing: boolean,
): void {
  const consequence = allOrNothing || invalid === rows ? '' : ' and will be left out';
  const name = file === '-' ? 'standard input' : file;
  const problem = `${invalid === 1 ? 'one is' : `${invalid} are`} invalid${consequence}:`;
  printNotes([`Of the ${counted(rows, 'row')} of ${name}, ${problem}`, ...problemLines]);
}
