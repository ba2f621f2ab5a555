import * as z from 'zod/mini';

/**
 * A copy of a schema for which the published JSON Schemas state additional keywords.
 *
 * Only scripts/generate-schemas.ts reads the keywords. In the bundles of the functions, `schema` itself takes the place of the call, so that
 * functions do not load the texts (scripts/bundling/lean-schemas.ts).
 * @param keywords a description, or keywords of JSON Schema
 */
export function about<Schema extends z.ZodMiniType>(schema: Schema, keywords: string | z.core.GlobalMeta): Schema {
  const copy = z.clone(schema);
  z.globalRegistry.add(copy, typeof keywords === 'string' ? { description: keywords } : keywords);
  return copy;
}
