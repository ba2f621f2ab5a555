import type { AttributeValue, Update, UpdateItemInput } from '@aws-sdk/client-dynamodb';
import { marshall, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';

/** The values of the `:name` placeholders in an expression, by name without the colon. Undefined values are left out. */
export type ExpressionValues = Record<string, NativeAttributeValue>;

/** A write of one item. Its expressions may write an attribute's name as `#name`, which cannot clash with DynamoDB's reserved words. */
export interface ItemUpdate {
  tableName: string;
  key: Record<string, AttributeValue>;
  /** An update expression, such as `SET #state = :state REMOVE problems`. */
  update: string;
  condition?: string | undefined;
  values?: ExpressionValues;
  /** Attributes for which the expressions use a `#name` that differs from the attribute's name. */
  names?: Record<string, string>;
}

/** The part of a write that sets these attributes, each as `#name = :name`. Undefined attributes are not changed. */
export function setAttributes(attributes: ExpressionValues): Pick<ItemUpdate, 'update'> & { values: ExpressionValues } {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    update: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    values: Object.fromEntries(given),
  };
}

/** The values of an expression, as DynamoDB's attribute values. */
export function expressionValues(values: ExpressionValues): Record<string, AttributeValue> {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])), {
    removeUndefinedValues: true,
  });
}

/** A write as part of a transaction. If its condition does not hold, the response contains the item that failed the condition. */
export function transactionUpdate({ tableName, key, update, condition, values = {}, names }: ItemUpdate): Update {
  const allNames = { ...namesIn(`${update} ${condition ?? ''}`), ...names };
  return {
    TableName: tableName,
    Key: key,
    UpdateExpression: update,
    ...(Object.keys(allNames).length > 0 && { ExpressionAttributeNames: allNames }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: expressionValues(values) }),
    ...(condition !== undefined && {
      ConditionExpression: condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  };
}

/** A single write. The response contains the item after the write, or the item that failed the condition. */
export function updateItemInput(update: ItemUpdate): UpdateItemInput {
  return { ...transactionUpdate(update), ReturnValues: 'ALL_NEW' };
}

function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries([...expression.matchAll(/#(\w+)/g)]);
}
