import { type Grant, grantsOf, type Refusal } from './evaluate.ts';
import type { IdentityPolicy } from './policy.ts';

/** A call that was refused. */
export interface Denial {
  /** The ARN of the caller, as AWS names it in errors. */
  caller: string;
  action: string;
  resource: string;
  because: Refusal;
}

/** A permission of a role or a user. */
export interface HeldGrant {
  holder: string;
  grant: Grant;
}

export interface Usage {
  note(holder: string, grant: Grant): void;
  /** The unused permissions of these holders, in the order of their statements. */
  unused(holders: readonly { name: string; policies: readonly IdentityPolicy[] }[]): HeldGrant[];
}

/** Records which permissions have been used. Each combination of an action and a resource of a statement counts separately. */
export function createUsage(): Usage {
  const used = new Set<string>();
  return {
    note: (holder, grant) => used.add(keyOf({ holder, grant })),
    unused: (holders) =>
      holders
        .flatMap(({ name, policies }) =>
          policies
            .flatMap(({ Statement }) => Statement.filter(({ Effect }) => Effect === 'Allow'))
            .flatMap((statement) => grantsOf(statement).map((grant) => ({ holder: name, grant }))),
        )
        .filter((each) => !used.has(keyOf(each))),
  };
}

function keyOf({ holder, grant: { sid, action, resource } }: HeldGrant): string {
  return JSON.stringify([holder, sid, action, resource]);
}
