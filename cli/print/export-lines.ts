export const SHELLS = ['sh', 'bash', 'zsh', 'fish', 'powershell'] as const;

type Shell = (typeof SHELLS)[number];

interface Syntax {
  set(name: string, quoted: string): string;
  unset(name: string): string;
  quote(text: string): string;
}

const SH: Syntax = {
  set: (name, quoted) => `export ${name}=${quoted}`,
  unset: (name) => `unset ${name}`,
  quote: (text) => `'${text.replaceAll("'", "'\\''")}'`,
};

const SYNTAXES: Record<Shell, Syntax> = {
  sh: SH,
  bash: SH,
  zsh: SH,
  fish: {
    set: (name, quoted) => `set -gx ${name} ${quoted}`,
    unset: (name) => `set -e ${name}`,
    quote: (text) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`,
  },
  powershell: {
    set: (name, quoted) => `$env:${name} = ${quoted}`,
    unset: (name) => `$env:${name} = $null`,
    // PowerShell ends a string in single quotes at any of these characters, unless it is doubled.
    quote: (text) => `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`,
  },
};

/** Commands of a shell that remove some variables, and export others with exactly these values. */
export function exportLines(
  values: Readonly<Record<string, string>>,
  removed: readonly string[],
  shell: Shell,
): string[] {
  const { set, unset, quote } = SYNTAXES[shell];
  return [...removed.map(unset), ...Object.entries(values).map(([name, value]) => set(name, quote(value)))];
}

/** @returns a function that quotes a string, so that the shell does not change it */
export function quoteFor(shell: Shell): (text: string) => string {
  return SYNTAXES[shell].quote;
}
