import { LOCAL_STAGE } from './local-stage.ts';

/** What a hint depends on: how the user has started the command, and with which arguments. */
interface Typing {
  environment?: Readonly<Record<string, string | undefined>>;
  /** As `process.argv`. */
  argv?: readonly string[];
}

/**
 * A greenroom command as the user has to type it. If the user has started this one with `npx greenroom`, as the README says, the shell does
 * not find `greenroom` alone. If this one uses a deployed stage, the other one must name the same stage: the default is the local stack.
 *
 * Every hint that names a command uses this, with two exceptions. The help shows the program's own name. The problems of messages and
 * manifests (`lib`) also show the program's own name, because the functions write them and do not know how they will be read.
 * @param words the command and its arguments: `watch JOB`
 */
export function typed(words: string, { environment = process.env, argv = process.argv }: Typing = {}): string {
  // npm sets both for `npx greenroom` and `npm exec greenroom`. Programs that such a program starts inherit them.
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = environment;
  // Since version 11, npm puts the command into quotes.
  const start = event === 'npx' && /^["']?greenroom\b/.test(script) ? 'npx greenroom' : 'greenroom';
  return [start, words, ...(isWhole(words) ? [] : placeOf(argv))].join(' ');
}

/** Whether the command needs no stage, or names it. */
function isWhole(words: string): boolean {
  return /--help$|--stage /.test(words);
}

/** The options of this command that name its stage. A program that uses the client as a library has other arguments. */
function placeOf([, program = '', ...args]: readonly string[]): string[] {
  if (!/(?:^|[\\/])greenroom(?:\.js)?$/.test(program)) return [];
  return ['--stage', '--region'].flatMap((name) => {
    const value = optionIn(name, args);
    return value === undefined || value === LOCAL_STAGE ? [] : [name, value];
  });
}

function optionIn(name: string, args: readonly string[]): string | undefined {
  const index = args.lastIndexOf(name);
  const joined = args.findLast((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  const value = index >= 0 ? args[index + 1] : joined;
  // Names of stages and regions need no quotes. Anything else is not repeated.
  return value !== undefined && /^[a-z0-9-]+$/.test(value) ? value : undefined;
}
