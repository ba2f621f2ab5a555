/** Runs one command. @returns what it prints @throws CommandError if it fails */
export type RunCommand = (words: readonly string[]) => Promise<string>;

/** A command that ended with an exit code other than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(command: string, output: string) {
    super(`${command}: ${output}`);
    this.output = output;
  }
}

/**
 * Runs a command line as a shell does. It supports only words, quotes and `$(…)`, because the operations guide needs no more.
 * @throws Error if the line needs anything else; CommandError
 */
export async function runShell(line: string, run: RunCommand): Promise<string> {
  return run(await wordsOf(line, run));
}

async function wordsOf(line: string, run: RunCommand): Promise<string[]> {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const taken = takeWord(rest);
    words.push(await textOf(taken, run));
    rest = rest.slice(taken.length).trimStart();
  }
  return words;
}

const PART = /^(?:'[^']*'|"(?:[^"$]|\$\((?:[^()"]|"[^"]*")*\))*"|[\w@%+=:,./-]+)/;

function takeWord(text: string): string {
  let word = '';
  for (let part = PART.exec(text)?.[0]; part !== undefined; part = PART.exec(text.slice(word.length))?.[0])
    word += part;
  if (word === '' || /^\S/.test(text.slice(word.length))) throw new Error(`This shell cannot read ${text}`);
  return word;
}

/** A word without its quotes, and with the output of its commands. */
async function textOf(word: string, run: RunCommand): Promise<string> {
  const parts = word.match(/'[^']*'|"(?:[^"$]|\$\((?:[^()"]|"[^"]*")*\))*"|[^'"]+/g) ?? [];
  const texts: string[] = [];
  for (const part of parts) {
    if (part.startsWith("'")) texts.push(part.slice(1, -1));
    else if (part.startsWith('"')) texts.push(await substitute(part.slice(1, -1), run));
    else texts.push(part);
  }
  return texts.join('');
}

async function substitute(text: string, run: RunCommand): Promise<string> {
  const pieces = text.split(/\$\(((?:[^()"]|"[^"]*")*)\)/);
  const found: string[] = [];
  for (const [index, piece] of pieces.entries())
    found.push(index % 2 === 0 ? piece : (await runShell(piece, run)).trimEnd());
  return found.join('');
}
