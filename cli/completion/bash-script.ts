import { quoteFor } from '../print/export-lines.ts';
import type { CompletableCommand, Values } from './completion-tree.ts';

/** A script for bash that completes commands, options and their values. Everything else, such as files, is left to bash. */
export function bashScript(commands: readonly CompletableCommand[]): string {
  const paths = commands.flatMap(({ path }) => (path === '' ? [] : [path]));
  return `# bash completion for greenroom
_greenroom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local at= words= takes_file= i
  # bash splits --option=value into three words.
  [[ $cur == = ]] && cur=
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${paths.join('|')}) at="$at/\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$at $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(wordCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $cur == -* || -z $takes_file ]] && compopt +o default +o bashdefault 2>/dev/null
  return 0
}
complete -o default -o bashdefault -F _greenroom greenroom
`;
}

function valueCases({ path, options }: CompletableCommand): string[] {
  return options.flatMap(({ flags, values }) => {
    if (values === undefined) return [];
    const patterns = flags.map((flag) => quote(`${path} ${flag}`)).join('|');
    return [`    ${patterns}) ${offer(values)} ;;`];
  });
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `COMPREPLY=($(compgen -W ${quote(values.words.join(' '))} -- "$cur")); compopt +o default +o bashdefault 2>/dev/null; return`;
    case 'file':
      return 'return';
    case 'other':
      return 'compopt +o default +o bashdefault 2>/dev/null; return';
  }
}

function wordCase({ path, subcommands, options, argument }: CompletableCommand): string {
  const flags = options.flatMap((option) => option.flags).join(' ');
  const choices = argument.kind === 'words' ? argument.words : [];
  const names = [...subcommands.map(({ name }) => name), ...choices].join(' ');
  const file = argument.kind === 'file' ? '; takes_file=1' : '';
  return `    ${quote(path)}) if [[ $cur == -* ]]; then words=${quote(flags)}; else words=${quote(names)}${file}; fi ;;`;
}

const quote = quoteFor('bash');
