import { quoteFor } from '../print/export-lines.ts';
import type { CompletableCommand, Values } from './completion-tree.ts';

/** A script for fish that completes commands, options, values and files, with their descriptions. */
export function fishScript(commands: readonly CompletableCommand[]): string {
  const paths = commands.flatMap(({ path }) => (path === '' ? [] : [path]));
  return `# fish completion for greenroom
function __greenroom_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
      case ${paths.join(' ')}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c greenroom -e
complete -c greenroom -f
${commands.flatMap(completions).join('\n')}
`;
}

function completions({ path, subcommands, options, argument }: CompletableCommand): string[] {
  const start = `complete -c greenroom -n ${quote(`__greenroom_at ${quote(path)}`)}`;
  return [
    ...subcommands.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`),
    ...(argument.kind === 'words' ? [`${start} -a ${quote(argument.words.join(' '))}`] : []),
    ...(argument.kind === 'file' ? [`${start} -F`] : []),
    ...options.map(({ flags, description, values }) =>
      [start, ...flags.map(named), ...valueWords(values), '-d', quote(description)].join(' '),
    ),
  ];
}

function named(flag: string): string {
  return flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
}

function valueWords(values: Values | undefined): string[] {
  switch (values?.kind) {
    case undefined:
      return [];
    case 'words':
      return ['-x', '-a', quote(values.words.join(' '))];
    case 'file':
      return ['-r', '-F'];
    case 'other':
      return ['-x'];
  }
}

const quote = quoteFor('fish');
