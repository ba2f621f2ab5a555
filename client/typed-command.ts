/**
 * A greenroom command as the user has to type it. If the user has started this one with `npx greenroom`, as the README says, the shell does
 * not find `greenroom` alone.
 *
 * Every hint that names a command uses this, with two exceptions. The help shows the program's own name. The problems of messages and
 * manifests (`lib`) do too, because the functions write them, and do not know how they will be read.
 * @param words the command and its arguments: `watch JOB`
 */
export function typed(words: string, environment: Readonly<Record<string, string | undefined>> = process.env): string {
  // npm sets both for `npx greenroom` and `npm exec greenroom`. Programs that such a program starts inherit them.
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = environment;
  // Since version 11, npm puts the command into quotes.
  return event === 'npx' && /^["']?greenroom\b/.test(script) ? `npx greenroom ${words}` : `greenroom ${words}`;
}
