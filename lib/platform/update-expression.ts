import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';

/** The parts of an UpdateItem that its expressions need. */
export interface UpdateParts {
  UpdateExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, AttributeValue>;
}

/**
 * An update that sets these attributes, each as `#name = :name`; absent ones are left alone.
 * `also`: names and values that a condition uses besides.
 */
export function setting(
  values: Record<string, NativeAttributeValue>,
  also: { names?: readonly string[]; values?: Record<string, NativeAttributeValue> } = {},
): UpdateParts {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const names = [...given.map(([name]) => name), ...(also.names ?? [])];
  return {
    UpdateExpression: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: placeholders({ ...Object.fromEntries(given), ...also.values }),
  };
}

/** Values as `:name` placeholders stand for them. */
export function placeholders(values: Record<string, NativeAttributeValue>): Record<string, AttributeValue> {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])), {
    removeUndefinedValues: true,
  });
}
