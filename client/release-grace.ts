import { durationMs, durationSchema } from '../lib/contract/duration.ts';
import type { ClientSettings } from '../lib/platform/base-clients.ts';
import type { CallGuard } from './calls/call-guard.ts';

/**
 * The name of the stack output with the time for which a release command can be withdrawn. Its value is that of the parameter
 * `releaseGraceSeconds`.
 */
export const GRACE_OUTPUT = 'ReleaseGrace';

/** Only a line of output depends on the response, so a network without access to CloudFormation must not delay a release. */
const TIMEOUT_MS = 5_000;

/** The grace period from the outputs of a stack, in milliseconds; undefined if an earlier version deployed the stack. */
export function graceIn(outputs: Readonly<Record<string, string | undefined>>): number | undefined {
  const parsed = durationSchema.safeParse(outputs[GRACE_OUTPUT]);
  return parsed.success ? durationMs(parsed.data) : undefined;
}

/**
 * Reads the grace period of a deployed stage. Needs `cloudformation:DescribeStacks`, which senders do not need otherwise.
 * @returns milliseconds; undefined if it cannot be read
 */
export async function readGrace(
  stage: string,
  settings: ClientSettings,
  guard: CallGuard['guard'],
): Promise<number | undefined> {
  const { CloudFormation } = await import('@aws-sdk/client-cloudformation');
  const cloudFormation = guard(new CloudFormation({ ...settings, maxAttempts: 1 }));
  try {
    const abortSignal = AbortSignal.timeout(TIMEOUT_MS);
    const { Stacks = [] } = await cloudFormation.describeStacks({ StackName: `greenroom-${stage}` }, { abortSignal });
    const outputs = Stacks[0]?.Outputs ?? [];
    return graceIn(Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue])));
  } catch {
    return undefined;
  } finally {
    cloudFormation.destroy();
  }
}
