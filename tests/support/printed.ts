/** Collects what the commands print in this process. Lines with metrics are printed as before. */
export function capturePrinted() {
  const lines: string[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const { log, error } = console;
  const write = process.stdout.write;
  const keep =
    (before: typeof log, own: string[]): typeof log =>
    (text: unknown) => {
      if (String(text).includes('"_aws"')) return before(text);
      lines.push(String(text));
      own.push(`${text}\n`);
    };
  console.log = keep(log, out);
  console.error = keep(error, err);
  process.stdout.write = (text: string | Uint8Array) => {
    out.push(Buffer.from(text).toString());
    return true;
  };
  return {
    lines,
    stdout: () => out.join(''),
    stderr: () => err.join(''),
    restore(): void {
      console.log = log;
      console.error = error;
      process.stdout.write = write;
    },
  };
}
