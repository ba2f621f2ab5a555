import * as z from 'zod';
import { ACCOUNT_ID } from '../../account.ts';
import { jsonBody, type Needed, type ReadNeeded } from './needed.ts';

const table = z.object({ TableName: z.string() });
const inputSchema = z.object({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  TransactItems: z.array(z.record(z.string(), table)).optional(),
});

/** The permission for each part of a transaction: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
const ACTION_OF_PART = new Map(
  Object.entries<string>({
    Get: 'GetItem',
    Put: 'PutItem',
    Update: 'UpdateItem',
    Delete: 'DeleteItem',
    ConditionCheck: 'ConditionCheckItem',
  }),
);

/** Every action applies to one or more tables, or to an index of a table. */
export const neededByDynamoDb: ReadNeeded = (request) => {
  const operation = request.headers['x-amz-target']?.replace(/^DynamoDB_20120810\./, '') ?? '';
  const input = inputSchema.safeParse(jsonBody(request)).data;
  if (!input) return [];
  const arnOf = (name: string) =>
    name.startsWith('arn:') ? name : `arn:aws:dynamodb:${request.region}:${ACCOUNT_ID}:table/${name}`;
  const action = `dynamodb:${operation}`;
  const { TableName = '*', IndexName, RequestItems, TransactItems } = input;
  if (RequestItems) return Object.keys(RequestItems).map((name) => ({ action, resource: arnOf(name) }));
  if (TransactItems) return partsOf(TransactItems, arnOf);
  return [{ action, resource: arnOf(TableName) + (IndexName === undefined ? '' : `/index/${IndexName}`) }];
};

function partsOf(
  items: Record<string, { TableName: string }>[],
  arnOf: (name: string) => string,
): Needed[] | undefined {
  const parts = items.flatMap((item) => Object.entries(item));
  const needed = parts.flatMap(([part, { TableName }]) => {
    const action = ACTION_OF_PART.get(part);
    return action === undefined ? [] : [{ action: `dynamodb:${action}`, resource: arnOf(TableName) }];
  });
  return needed.length === parts.length ? needed : undefined;
}
