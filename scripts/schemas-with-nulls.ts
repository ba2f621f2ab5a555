import { isRecord } from '../lib/contract/record.ts';

type JsonSchema = Record<string, unknown>;

/**
 * A JSON Schema that accepts the same values as `schema`, and null for every member that is not required. The reader leaves out members
 * that are null (`withoutNullFields`), so it also ignores an unknown member that is null.
 */
export function withNulls(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, keywordWithNulls(keyword, value, schema)]),
  );
}

function keywordWithNulls(keyword: string, value: unknown, { required = [] }: JsonSchema): unknown {
  if ((keyword === 'allOf' || keyword === 'anyOf') && Array.isArray(value)) return value.map(deeper);
  if (keyword === 'items') return deeper(value);
  if (keyword === 'additionalProperties') return value === false ? { type: 'null' } : orNull(value);
  if (keyword !== 'properties' || !isRecord(value)) return value;
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isRequired(name) ? deeper(member) : orNull(member)]),
  );
}

function deeper(schema: unknown): unknown {
  return isRecord(schema) ? withNulls(schema) : schema;
}

function orNull(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const { description, default: byDefault, ...rest } = withNulls(schema);
  // A schema without a type accepts null already.
  if (rest.type === undefined && rest.anyOf === undefined) return schema;
  if (Array.isArray(rest.anyOf) && rest.anyOf.some((each) => isRecord(each) && each.type === 'null')) return schema;
  return {
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    anyOf: [rest, { type: 'null' }],
  };
}
