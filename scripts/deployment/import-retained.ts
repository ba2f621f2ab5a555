import * as z from 'zod';
import { nameOf, resourceSchema } from './names.ts';

const retainedSchema = resourceSchema.extend({
  DeletionPolicy: z.string().optional(),
  DependsOn: z.unknown().optional(),
});
const templateSchema = z.looseObject({ Resources: z.record(z.string(), retainedSchema) });

export interface Account {
  accountId: string;
  region: string;
}

/** How CloudFormation identifies an existing resource: the `primaryIdentifier` in the schema of its type, with its value. */
const IDENTIFIERS: Readonly<Record<string, (name: string, account: Account) => Record<string, string>>> = {
  'AWS::SQS::Queue': (name, { accountId, region }) => ({
    QueueUrl: `https://sqs.${region}.amazonaws.com/${accountId}/${name}`,
  }),
  'AWS::SNS::Topic': (name, { accountId, region }) => ({ TopicArn: `arn:aws:sns:${region}:${accountId}:${name}` }),
  'AWS::DynamoDB::Table': (TableName) => ({ TableName }),
  'AWS::S3::Bucket': (BucketName) => ({ BucketName }),
  'AWS::Scheduler::ScheduleGroup': (Name) => ({ Name }),
};

/** The input of `aws cloudformation create-change-set --change-set-type IMPORT`. */
export interface Import {
  template: { Resources: Record<string, unknown> };
  resourcesToImport: { ResourceType: string; LogicalResourceId: string; ResourceIdentifier: Record<string, string> }[];
}

/**
 * Prepares an import: a new stack takes over the resources that remained when the stack of the same name was removed. The template of the
 * import contains only these resources and no outputs, because an import cannot create anything. The next deployment creates the rest.
 * @param template the compiled template of the stage
 * @param without logical ids of resources that no longer exist
 */
export function importRetained(template: unknown, account: Account, without: readonly string[] = []): Import {
  const retained = Object.entries(templateSchema.parse(template).Resources).filter(
    ([id, { Type, DeletionPolicy }]) =>
      DeletionPolicy === 'RetainExceptOnCreate' && Type in IDENTIFIERS && !without.includes(id),
  );
  return {
    // DependsOn may name a resource that is not imported, such as a queue policy. CloudFormation would then refuse the template.
    template: { Resources: Object.fromEntries(retained.map(([id, { DependsOn: _, ...resource }]) => [id, resource])) },
    resourcesToImport: retained.flatMap(([LogicalResourceId, resource]) => {
      const named = nameOf(resource, account);
      const identify = IDENTIFIERS[resource.Type];
      if (named === undefined || identify === undefined) return [];
      const ResourceIdentifier = identify(named.name, account);
      return [{ ResourceType: resource.Type, LogicalResourceId, ResourceIdentifier }];
    }),
  };
}
