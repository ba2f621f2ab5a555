import * as z from 'zod/mini';

/**
 * Returns a copy of a schema with additional keywords. The published JSON Schemas contain the keywords. Validation does not use them.
 *
 * Only scripts/generate-schemas.ts reads the keywords. The bundler replaces each call with its `schema`, so that functions do not load the
 * descriptions (scripts/bundling/lean-schemas.ts).
 * @param keywords a description, or keywords of JSON Schema
 */
export function about<Schema extends z.ZodMiniType>(schema: Schema, keywords: string | z.core.GlobalMeta): Schema {
  const copy = z.clone(schema);
  z.globalRegistry.add(copy, typeof keywords === 'string' ? { description: keywords } : keywords);
  return copy;
}
