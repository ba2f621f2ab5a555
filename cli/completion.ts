import { Argument, type Command } from 'commander';
import * as z from 'zod';
import type { CliContext } from './cli-context.ts';
import { bashScript } from './completion/bash-script.ts';
import { completableCommands } from './completion/completion-tree.ts';
import { fishScript } from './completion/fish-script.ts';
import { zshScript } from './completion/zsh-script.ts';

const EXAMPLES = `
Examples:
  $ source <(greenroom completion bash)         in ~/.bashrc
  $ source <(greenroom completion zsh)          in ~/.zshrc, after compinit
  $ greenroom completion fish > ~/.config/fish/completions/greenroom.fish

Completion needs the command greenroom in the PATH:
export PATH="$PWD/node_modules/.bin:$PATH"`;

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

const shellSchema = z.enum(['bash', 'zsh', 'fish']);

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addArgument(new Argument('<shell>', 'the shell that runs the script').choices(shellSchema.options))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: unknown) => {
      const program = await context.loadProgram();
      process.stdout.write(SCRIPTS[shellSchema.parse(shell)](completableCommands(program)));
    });
}
