import { REGION } from './compiled-template.ts';

/** Captures the metrics that Powertools prints to the console in development mode. @returns a function that restores the console */
export function captureMetrics(onLine: (line: string) => void): () => void {
  const variables = {
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
    POWERTOOLS_SERVICE_NAME: 'greenroom',
  };
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  const { log } = console;
  Object.assign(process.env, variables, { AWS_REGION: REGION });
  console.log = (line: unknown) => (typeof line === 'string' && line.includes('"_aws"') ? onLine(line) : log(line));
  return () => {
    console.log = log;
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
