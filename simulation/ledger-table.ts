import type { IndexedTable } from './memory-dynamodb.ts';

/** The ledger's index as infrastructure/tables.yml declares it. */
export const LEDGER_TABLE: IndexedTable = {
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'release_shard', AttributeType: 'S' },
    { AttributeName: 'release_look_at', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'release-due',
      KeySchema: [
        { AttributeName: 'release_shard', KeyType: 'HASH' },
        { AttributeName: 'release_look_at', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};
