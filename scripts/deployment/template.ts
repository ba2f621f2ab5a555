import * as z from 'zod';

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z
        .looseObject({
          TableName: z.unknown().optional(),
          Environment: z.looseObject({ Variables: z.record(z.string(), z.unknown()).default({}) }).optional(),
        })
        .default({}),
    }),
  ),
});

/** The names of the tables in a compiled template. */
export function tableNames(template: unknown): string[] {
  return Object.values(templateSchema.parse(template).Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::DynamoDB::Table' && Properties.TableName !== undefined ? [String(Properties.TableName)] : [],
  );
}

/** The stages for which the functions of a compiled template were packaged: one, or none if it has no functions. */
export function packagedStages(template: unknown): string[] {
  const stages = Object.values(templateSchema.parse(template).Resources).flatMap(({ Properties }) => {
    const stage = Properties.Environment?.Variables.GREENROOM_STAGE;
    return stage === undefined ? [] : [String(stage)];
  });
  return [...new Set(stages)];
}
