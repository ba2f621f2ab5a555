import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { callAws } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';

export interface OtherStage {
  stage: string;
  paceTable: string;
}

/** The other stages of this account and region, found by the names of their pace tables. @throws NotCheckedError */
export async function listOtherStages({ deployment }: ExaminedStage): Promise<OtherStage[]> {
  const names: string[] = [];
  let from: string | undefined;
  do {
    const command = new ListTablesCommand(from === undefined ? {} : { ExclusiveStartTableName: from });
    const page = await callAws('dynamodb:ListTables', () => deployment.dynamodb.send(command));
    names.push(...(page.TableNames ?? []));
    from = page.LastEvaluatedTableName;
  } while (from !== undefined);
  return names.flatMap((paceTable) => {
    const [, stage] = /^greenroom-([a-z0-9-]{1,25})-pace$/.exec(paceTable) ?? [];
    return stage === undefined || stage === deployment.stage ? [] : [{ stage, paceTable }];
  });
}
