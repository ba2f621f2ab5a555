import { DescribeTableCommand, type DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';

/**
 * Switches the deletion protection of tables on or off. CloudFormation does not do this, because it could not roll back the creation of a
 * protected table.
 * @returns the names of the changed tables
 * @throws Error with the name of the table and the remedy
 */
export async function protectTables(
  dynamodb: Pick<DynamoDBClient, 'send'>,
  names: readonly string[],
  isProtected: boolean,
): Promise<string[]> {
  const changed: string[] = [];
  for (const TableName of names) {
    try {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      if ((Table?.DeletionProtectionEnabled ?? false) === isProtected) continue;
      await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: isProtected }));
      changed.push(TableName);
    } catch (error) {
      const state = isProtected ? 'protected from deletion' : 'released from its protection';
      throw new Error(
        `The stack was deployed, but the table ${TableName} was not ${state} (${String(error)}): deploy again, with permission for dynamodb:DescribeTable and dynamodb:UpdateTable`,
        { cause: error },
      );
    }
  }
  return changed;
}
