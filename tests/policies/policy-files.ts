import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { REGION } from '../support/lambda-context.ts';

const FOLDER = resolve('infrastructure/policies');

export const STAGE = 'prod';

/** The names of the policies for people. */
export function policyNames(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
}

/** A policy of infrastructure/policies with its placeholders filled in, as docs/security.md says. */
export function filledPolicy(name: string): unknown {
  const text = readFileSync(resolve(FOLDER, `${name}.json`), 'utf8');
  return JSON.parse(
    text.replaceAll('REGION', REGION).replaceAll('ACCOUNT_ID', '000000000000').replaceAll('STAGE', STAGE),
  );
}
