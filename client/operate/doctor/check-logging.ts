import { GetLoggingConfigurationCommand } from '@aws-sdk/client-ivschat';
import { attempt, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';
import type { NamedResource } from './requested-rooms.ts';

/** Whether rooms can use their logging configurations. The calls are sequential, because IVS Chat allows three of them a second. */
export async function checkLogging(
  configurations: readonly NamedResource[],
  stage: ExaminedStage,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const each of configurations)
    observations.push(...(await attempt(`the logging configuration ${each.arn}`, () => checkOne(each, stage))));
  return observations;
}

async function checkOne(
  { arn, region, where }: NamedResource,
  { account, deployment }: ExaminedStage,
): Promise<Observation[]> {
  const what = `The logging configuration ${arn} (${where})`;
  const [, , , ofRegion, ofAccount] = arn.split(':');
  if (ofRegion !== region || ofAccount !== account)
    return [
      finding(
        'logging-configuration-elsewhere',
        `${what} is not in the region and account of its room: ${region}, ${account}`,
        'Name a logging configuration of the account and region of the room',
      ),
    ];
  const read = new GetLoggingConfigurationCommand({ identifier: arn });
  const response = await callUnlessAbsent('ivschat:GetLoggingConfiguration', ['ResourceNotFoundException'], () =>
    deployment.ivsChat(region).send(read),
  );
  if (response === undefined)
    return [
      finding(
        'logging-configuration-missing',
        `${what} does not exist`,
        'Create it, or specify another one. Otherwise, IVS Chat refuses the room',
      ),
    ];
  if (response.state === 'ACTIVE') return [];
  return [
    finding(
      'logging-configuration-not-active',
      `${what} is in the state ${response.state}: nothing is logged`,
      'Wait until it is ACTIVE. If it failed, check the permissions of its destination, then update it or create it again',
    ),
  ];
}
