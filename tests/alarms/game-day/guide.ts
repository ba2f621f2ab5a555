import { readFileSync } from 'node:fs';
import type { Deployed } from '../compiled-template.ts';
import type { Deployment } from '../deployment.ts';
import { readRunbook } from '../runbook.ts';
import { createAwsCli } from './aws-cli.ts';
import { createGreenroomCli } from './greenroom-cli.ts';
import { CommandError, runShell } from './shell.ts';

/** The instructions of the operations guide about one alarm. */
export interface Advice {
  see: string[];
  do: string[];
  /** When the alarm ends. */
  over: string;
  withinMinutes: number;
  text: string;
}

/** The section about an alarm. @throws Error if it has none */
export function adviceAbout(alarm: string): Advice {
  const section = readRunbook().find(({ alarms }) => alarms.includes(alarm));
  const [, see = '', todo = '', over = ''] =
    /\* \*\*See:\*\*(.*?)\* \*\*Do:\*\*(.*?)\* \*\*Over:\*\*(.*)/s.exec(section?.text ?? '') ?? [];
  if (!section || over === '') throw new Error(`The operations guide has no section about ${alarm}`);
  const { text, withinMinutes } = section;
  return { see: commandsIn(see), do: commandsIn(todo), over: oneLine(over), withinMinutes, text: oneLine(text) };
}

/** The commands under a heading of the guide, in its text and in its blocks. */
export function commandsUnder(heading: string): string[] {
  const guide = readFileSync('docs/operations.md', 'utf8');
  const [, section] = guide.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`The operations guide has no heading ${heading}`);
  const text = section.split('\n## ')[0] ?? '';
  const lines = [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.split('\n'));
  return [...commandsIn(text), ...lines.map((line) => line.replace(/\s+#.*$/, '')).filter(Boolean)];
}

function commandsIn(text: string): string[] {
  return (text.match(/(?<=`)(aws|npx)\s[^`]+(?=`)/g) ?? []).map(oneLine);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

export type Operator = ReturnType<typeof createOperator>;

/**
 * A simulated operator, who runs the commands of the guide as they are written.
 * @param release the template that `npx serverless deploy` deploys
 */
export function createOperator(world: Deployment, release: Deployed) {
  const programs = new Map([
    ['aws', createAwsCli(world)],
    ['greenroom', createGreenroomCli(world)],
    [
      'serverless',
      async (words: readonly string[]) => {
        if (words.join(' ') !== 'deploy --stage prod --region eu-west-1')
          throw new Error('Only the deployment of prod in eu-west-1 is simulated');
        await world.services.permissions.deployRoles(release);
        return 'deployed';
      },
    ],
  ]);
  const ran: string[] = [];

  return {
    /** All commands that were run, as they are in the guide. */
    ran,
    /**
     * @param command a command of the guide
     * @param instead what the guide tells its reader to replace in it
     * @throws CommandError if it fails; Error if the command does not contain a text that should be replaced
     */
    async run(command: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
      ran.push(command);
      const filled = Object.entries(instead).reduce((text, [name, value]) => {
        if (!text.includes(name)) throw new Error(`There is no ${name} to replace in ${command}`);
        return text.replaceAll(name, value);
      }, command);
      return runShell(filled, async ([first = '', ...rest]) => {
        const [name = '', ...words] = first === 'npx' ? rest : [first, ...rest];
        const program = programs.get(name);
        if (!program) throw new CommandError(name, 'command not found');
        return program(words);
      });
    },
  };
}
