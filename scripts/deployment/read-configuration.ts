import * as z from 'zod';
import type { Configuration } from './check-configuration.ts';
import { type NamedResource, resourceSchema } from './names.ts';

const resourcesSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema).default({}) });

const configurationSchema = z.looseObject({
  service: z.string(),
  params: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  functions: z.record(z.string(), z.unknown()).default({}),
  resources: z.union([z.array(resourcesSchema), resourcesSchema.transform((one) => [one])]).default([]),
});

/** The options of the command line. */
export interface Invocation {
  stage: string;
  region: string;
  deploys: boolean;
  /** The values of all `--param name=value` options. */
  params: readonly string[];
}

/**
 * Reads serverless.yml after its variables are resolved.
 * @throws z.ZodError if it is invalid
 */
export function readConfiguration(serverlessYml: unknown, { params, ...place }: Invocation): Configuration {
  const { service, functions, resources, params: byStage } = configurationSchema.parse(serverlessYml);
  const named = resources.flatMap(({ Resources }) => Object.values(Resources));
  const lambdas = Object.keys(functions).map((name): NamedResource => {
    return { Type: 'AWS::Lambda::Function', Properties: { FunctionName: `${service}-${place.stage}-${name}` } };
  });
  const parameters = { ...byStage.default, ...byStage[place.stage], ...Object.fromEntries(params.map(splitAtFirst)) };
  return { ...place, parameters, resources: [...named, ...lambdas] };
}

function splitAtFirst(assignment: string): [string, string] {
  const [name = '', ...rest] = assignment.split('=');
  return [name, rest.join('=')];
}
