import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** "An additional 100 bytes of overhead per item" for indexing: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const ITEM_OVERHEAD_BYTES = 100;

/** The size for which DynamoDB charges: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export async function tableBytes(dynamodb: DynamoDBClient, TableName: string): Promise<number> {
  let bytes = 0;
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb.send(new ScanCommand({ TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) }));
    for (const item of page.Items ?? []) bytes += ITEM_OVERHEAD_BYTES + mapBytes(item);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return bytes;
}

export async function objectBytes(s3: S3Client, Bucket: string, Prefix: string): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.reduce((sum, { Size = 0 }) => sum + Size, 0);
}

const utf8 = (text: string) => Buffer.byteLength(text);
const mapBytes = (item: Record<string, AttributeValue>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueBytes(value), 0);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  // "The size of a number is approximately (length of attribute name) + (1 byte per two significant digits) + (1 byte)."
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.byteLength;
  // "An attribute of type List or Map requires 3 bytes of overhead", and "each List or Map element also requires 1 byte of overhead".
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + mapBytes(value.M);
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  if (value.SS !== undefined) return value.SS.reduce((sum, each) => sum + utf8(each), 0);
  return 1;
}
