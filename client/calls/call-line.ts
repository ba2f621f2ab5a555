/** One line about a call to AWS that has ended. The line never contains the input or output of the call, or credentials. */
export function callLine(name: string, elapsedMs: number, ended: { output: unknown } | { error: unknown }): string {
  const isError = 'error' in ended;
  const { attempts, requestId } = metadataOf(isError ? ended.error : ended.output);
  const retries = attempts > 1 ? `, ${attempts} attempts` : '';
  const failure = isError ? `, ${ended.error instanceof Error ? ended.error.name : 'failed'}` : '';
  const id = isError && requestId !== undefined ? ` (request ${requestId})` : '';
  return `${name}: ${Math.round(elapsedMs)} ms${retries}${failure}${id}`;
}

/** The number of attempts and the request id, which the SDK adds to outputs and errors. */
function metadataOf(ended: unknown): { attempts: number; requestId: string | undefined } {
  const metadata = propertyOf(ended, '$metadata');
  const attempts = propertyOf(metadata, 'attempts');
  const requestId = propertyOf(metadata, 'requestId');
  return {
    attempts: typeof attempts === 'number' ? attempts : 1,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
}

function propertyOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined;
}
