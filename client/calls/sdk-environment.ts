import * as z from 'zod';
import { UserError } from '../user-error.ts';

const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).optional();
const endpointUrl = z.url({ protocol: /^https?$/, error: 'must be a URL such as http://localhost:4566' }).optional();

/** The variables whose wrong values the SDK silently ignores, or reports without naming the variable. */
const variablesSchema = z.object({
  AWS_MAX_ATTEMPTS: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a whole number of at least 1, such as 3')
    .optional(),
  AWS_RETRY_MODE: z.enum(['standard', 'adaptive', 'legacy'], { error: 'must be standard or adaptive' }).optional(),
  AWS_USE_FIPS_ENDPOINT: flag,
  AWS_USE_DUALSTACK_ENDPOINT: flag,
});

/** @throws UserError that lists all variables whose values the SDK cannot use */
export function requireSdkVariables(environment: Record<string, string | undefined>): void {
  // The SDK treats an empty variable as absent.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const endpoints = Object.keys(given).filter((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name));
  const shape = Object.fromEntries(endpoints.map((name) => [name, endpointUrl]));
  const { error } = variablesSchema.extend(shape).safeParse(given);
  if (error === undefined) return;
  const problems = error.issues.map(({ path: [name = ''], message }) => `${String(name)} ${message}`);
  throw new UserError(`${problems.join('; ')}. Correct it, or unset it`);
}
