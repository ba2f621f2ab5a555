import * as z from 'zod';
import { nearest } from '../../lib/contract/nearest.ts';
import { MAX_STAGE_CHARACTERS, STAGE_NAME, usableStageName } from '../../lib/contract/stage-name.ts';
import { longestStage, type NamedResource } from './names.ts';
import { parameterForms, parametersForAws } from './parameters.ts';

/** A configuration to package or deploy. */
export interface Configuration {
  stage: string;
  region: string;
  /** Whether the configuration is deployed to an account, and not only packaged. */
  deploys: boolean;
  /** The value of each parameter for this stage. */
  parameters: Readonly<Record<string, unknown>>;
  /** The resources with names. */
  resources: readonly NamedResource[];
}

/** The stage of the embedded stack. */
export const LOCAL_STAGE = 'local';

/** Regions whose credentials IVS Chat accepts. China, GovCloud and other partitions are not among them. */
const REGION_OF_AWS = /^(af|ap|ca|eu|il|me|mx|sa|us)-(central|(north|south)?(east|west)|north|south)-\d$/;

/** All problems of a configuration, each with its remedy. If there are none, the configuration can be packaged or deployed. */
export function problemsOf(configuration: Configuration): string[] {
  return [
    ...problemsOfStage(configuration),
    ...problemsOfRegion(configuration),
    ...problemsOfParameters(configuration),
    ...problemsOfEventBus(configuration),
    ...problemsOfAlarmTopic(configuration),
  ];
}

function* problemsOfStage({ stage, deploys, resources }: Configuration): Generator<string> {
  const problem = (text: string) => `stage is ${stage}: ${text}`;
  // The template states which length fits, and which name limits it.
  if (!STAGE_NAME.test(stage.slice(0, MAX_STAGE_CHARACTERS)))
    yield problem(
      `it is part of the name of a bucket, so only a-z, 0-9 and - are allowed: use --stage ${usableStageName(stage) || 'prod'}`,
    );
  const { maxLength, because } = longestStage(resources, stage);
  if (stage.length > maxLength)
    yield problem(`it has ${stage.length} characters, but ${because}: use at most ${maxLength}`);
  if (deploys && stage === LOCAL_STAGE)
    yield problem(
      'it is for the emulators, and with its short settle time, duplicate rooms could be created on AWS: use another stage, for example --stage dev',
    );
}

function* problemsOfRegion({ region }: Configuration): Generator<string> {
  if (!REGION_OF_AWS.test(region))
    yield `region is ${region}: there is no such region, or it is in a partition without IVS Chat. Use a region such as --region eu-west-1`;
}

function* problemsOfEventBus({ stage, parameters: { eventBusName = '' } }: Configuration): Generator<string> {
  if (stage === LOCAL_STAGE && eventBusName !== '')
    yield `eventBusName is ${String(eventBusName)}: the emulators have no event bus. Leave it empty, and send events to the queues`;
}

/**
 * CloudWatch refuses an alarm with a topic in another region: "ValidationError: Invalid region ca-central-1 specified. Only us-west-2 is
 * supported." https://github.com/cds-snc/notification-terraform/pull/128
 */
function* problemsOfAlarmTopic({ region, parameters: { alarmTopicArn = '' } }: Configuration): Generator<string> {
  const [, , , ofTopic = region] = String(alarmTopicArn).split(':');
  if (ofTopic !== region)
    yield `alarmTopicArn is ${String(alarmTopicArn)}: alarms can notify only topics of their own region, so use a topic in ${region}`;
}

function problemsOfParameters({ stage, parameters }: Configuration): string[] {
  const schema = stage === LOCAL_STAGE ? parameterForms : parametersForAws;
  return schema.safeParse(parameters).error?.issues.flatMap((issue) => describe(issue, parameters)) ?? [];
}

function describe(issue: z.core.$ZodIssue, parameters: Configuration['parameters']): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownParameter);
  const name = String(issue.path[0]);
  // A relation between parameters has its own text. All other issues are about a single parameter.
  const remedy = issue.code === 'custom' ? issue.message : remedyOf(name);
  return [`${name} is ${String(parameters[name])}: ${remedy}`];
}

function remedyOf(name: string): string {
  const [, form] = Object.entries(parameterForms.shape).find(([known]) => known === name) ?? [];
  return (form && z.globalRegistry.get(form)?.description) ?? 'use another value';
}

function unknownParameter(name: string): string {
  const names = Object.keys(parameterForms.shape);
  const meant = nearest(name, names);
  return `${name} is not a parameter: ${meant === undefined ? `use one of ${names.join(', ')}` : `use ${meant}, or remove it`}`;
}
