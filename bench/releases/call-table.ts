import { type Item, itemSchema } from '../../emulator/dynamodb/dynalite.ts';
import type { MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';

/** Changes a table without the functions, and without counting the call. */
export async function callTable(
  memory: MemoryDynamoDb,
  action: 'PutItem' | 'DeleteItem',
  input: object,
): Promise<void> {
  const { status, output } = await memory.perform(action, { ...input });
  if (status !== 200) throw new Error(`${action} failed: ${JSON.stringify(output)}`);
}

/** The item with some texts replaced in all of its attributes. */
export function replaceIn(item: Item, replacements: readonly (readonly [string, string])[]): Item {
  const text = replacements.reduce((before, [old, next]) => before.replaceAll(old, next), JSON.stringify(item));
  return itemSchema.parse(JSON.parse(text));
}
