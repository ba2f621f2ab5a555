/**
 * The floor of `greenroom status KEY`: a script that makes the same AWS call with a bare SDK client, and prints the item. It checks nothing
 * and explains no error. Its arguments are the table and the id of the item.
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const [table, id = ''] = process.argv.slice(2);
const get = new GetItemCommand({ TableName: table, Key: { id: { S: id } }, ConsistentRead: true });
void new DynamoDBClient().send(get).then(({ Item }) => console.log(JSON.stringify(Item)));
