import { devNull } from 'node:os';
import { startStack } from '../../local/stack.ts';
import { templateFile } from '../../local/start/make-package.ts';
import { writeChangedTemplate } from '../harness/changed-template.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import type { Bundle, Packaged } from './bundles.ts';

const PLENTY = 1_000_000;

/** AWS on loopback, with greenroom's tables and topic. No function is invoked automatically. */
export interface MeasuredServices {
  /** The deployed functions. */
  functions: readonly DeployedFunction[];
  /** The environment of a process that runs `bundle`. It contains `variables`, and those that the runtime and the SDK need. */
  environmentFor(bundle: Bundle, variables: Record<string, string>): Record<string, string>;
}

export interface DeployedFunction extends Packaged {
  variables: Record<string, string>;
}

/** Runs the services while `use` runs. The emulator accepts calls at any rate. */
export async function withServices<T>(
  { root }: ScenarioContext,
  use: (services: MeasuredServices) => Promise<T>,
): Promise<T> {
  const template = writeChangedTemplate(templateFile(root), { isIdle: true });
  const stack = await startStack({
    templateFile: template.file,
    seed: 1,
    calm: true,
    isolation: 'process',
    enforcePolicies: false,
  });
  try {
    stack.ivsChat.setQuotas({
      tps: { CreateRoom: PLENTY, ListRooms: PLENTY, GetRoom: PLENTY },
      burst: PLENTY,
      roomsPerRegion: PLENTY,
    });
    return await use({
      functions: stack.functions.map(({ definition: { name, handler, artifact, environment } }) => ({
        name: name.replace(/^greenroom-local-/, ''),
        handler,
        artifact,
        variables: environment,
      })),
      environmentFor: (bundle, variables) => ({
        ...variables,
        LAMBDA_TASK_ROOT: bundle.taskRoot,
        _HANDLER: bundle.handler,
        AWS_LAMBDA_FUNCTION_NAME: bundle.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
        AWS_REGION: stack.region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_CONFIG_FILE: devNull,
        AWS_SHARED_CREDENTIALS_FILE: devNull,
        TZ: ':UTC',
        ...stack.endpointVariables,
      }),
    });
  } finally {
    await stack.stop();
    template.remove();
  }
}
