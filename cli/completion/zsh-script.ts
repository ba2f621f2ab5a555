import { quoteFor } from '../print/export-lines.ts';
import type { CompletableCommand, Values } from './completion-tree.ts';

/** A script for zsh that completes commands, options, values and files. It can be sourced, or stored as _greenroom in a directory of $fpath. */
export function zshScript(commands: readonly CompletableCommand[]): string {
  const paths = commands.flatMap(({ path }) => (path === '' ? [] : [path]));
  return `#compdef greenroom
# zsh completion for greenroom
_greenroom() {
  local at= takes_file=
  local -i i
  local -a subcommands flags choices
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
      (${paths.join('|')}) at="$at/\${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(wordCase).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option flags
  else
    (( $#subcommands )) && _describe command subcommands
    (( $#choices )) && compadd -- $choices
    [[ -n $takes_file ]] && _files
  fi
}
compdef _greenroom greenroom
[[ $funcstack[1] == _greenroom ]] && _greenroom "$@"
`;
}

function valueCases({ path, options }: CompletableCommand): string[] {
  return options.flatMap(({ flags, values }) => {
    if (values === undefined) return [];
    const patterns = flags.map((flag) => quote(`${path} ${flag}`)).join('|');
    return [`    (${patterns}) ${offer(values)} ;;`];
  });
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `compadd -- ${values.words.map(quote).join(' ')}; return`;
    case 'file':
      return '_files; return';
    case 'other':
      return 'return';
  }
}

function wordCase({ path, subcommands, options, argument }: CompletableCommand): string {
  const names = subcommands.map(({ name, description }) => described(name, description));
  const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
  const choices = argument.kind === 'words' ? argument.words.map(quote) : [];
  const lists = [
    `subcommands=(${names.join(' ')})`,
    `flags=(${flags.join(' ')})`,
    `choices=(${choices.join(' ')})`,
    ...(argument.kind === 'file' ? ['takes_file=1'] : []),
  ];
  return `    (${quote(path)}) ${lists.join('; ')} ;;`;
}

/** A word and its description, as the function _describe of zsh reads them. */
function described(word: string, description: string): string {
  return quote(`${word}:${description.replaceAll(/[\\:]/g, '\\$&')}`);
}

const quote = quoteFor('zsh');
