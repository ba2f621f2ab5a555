import { createPrincipals } from '../../emulator/gateway/principals.ts';
import { createGuard, type Guard } from '../../emulator/iam/guard.ts';
import { createIam, type Iam } from '../../emulator/iam/iam.ts';
import type { Denial } from '../../emulator/iam/usage.ts';
import { must } from '../support/must.ts';
import type { Deployed } from './compiled-template.ts';
import { functionsOf } from './read-resources.ts';

export interface Permissions {
  iam: Iam;
  guard: Guard;
  /** The calls of functions that were refused. */
  denied: Denial[];
  /** The access key id with which a function signs. */
  accessKeyOf(functionName: string): string;
  /** Gives the roles the policies of a template, as a deployment of it does. */
  deployRoles(template: Deployed): Promise<void>;
}

/** The roles of a template, with which its functions sign their calls. Every other caller is an administrator, or a user of `iam`. */
export async function openPermissions(
  deployed: Deployed,
  tagsOf: (roomArn: string) => Record<string, string> | undefined,
): Promise<Permissions> {
  const denied: Denial[] = [];
  const iam = createIam({ principals: createPrincipals(), enforces: true, onDenied: (denial) => denied.push(denial) });
  const guard = createGuard({ iam, facts: { tagsOf, sourcesOf: () => [] }, queuePolicy: () => undefined });
  const keys = new Map<string, string>();

  async function deployRoles(template: Deployed): Promise<void> {
    for (const role of await template.roles()) iam.putRole(role);
    // A function that runs already has the new policies too.
    for (const { FunctionName: session, Role: roleArn } of await functionsOf(template))
      keys.set(session, iam.assumeRole({ roleArn, service: 'lambda.amazonaws.com', session }));
  }

  await deployRoles(deployed);
  return { iam, guard, denied, accessKeyOf: (functionName) => must(keys.get(functionName)), deployRoles };
}
