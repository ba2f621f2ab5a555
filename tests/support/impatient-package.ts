import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { readTemplate, type Template } from '../../emulator/template/read-template.ts';
import { templateFile as packagedTemplate } from '../../local/start/make-package.ts';
import { must } from './must.ts';

/**
 * A request whose worker was killed is taken up again after this; AWS wants no less for the queue than for the function. The function
 * begins no call to IVS Chat in the last four seconds.
 */
const TIMEOUT_SECONDS = 7;
const TIMING = {
  // A signing date has whole seconds, hence no less than two.
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: 2,
  GREENROOM_LISTING_LAG_SECONDS: 0.5,
  GREENROOM_CLOCK_ERROR_SECONDS: 0.2,
  GREENROOM_SEND_WINDOW_SECONDS: 1,
  GREENROOM_CALL_TIMEOUT_SECONDS: 1,
  // A call may come half an interval late for its slot. Were slots missed on a busy machine, a call's place in its run would change.
  GREENROOM_CREATE_ROOM_TPS: 1,
};

export interface ImpatientTiming {
  /** How long rooms really take until they are listed, at most. Default: as long as the functions believe */
  listingLagSeconds?: number;
}

type Resource = Template['Resources'][string];

/**
 * A copy of the package with short waits, in which one message at a time is taken from each queue and the functions have all of AWS
 * at this endpoint.
 */
export function packageImpatiently(endpoint: string, { listingLagSeconds }: ImpatientTiming = {}) {
  const source = packagedTemplate(resolve());
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-impatient-'));
  cpSync(dirname(source), directory, { recursive: true });
  const template = readTemplate(source);
  const changed = Object.entries(template.Resources).map(([name, resource]) => [name, impatient(resource, endpoint)]);
  const { SweepDashroomsLambdaFunction: sweeper, ...others }: Template['Resources'] = Object.fromEntries(changed);
  const lag = listingLagSeconds === undefined ? {} : { GREENROOM_LISTING_LAG_SECONDS: listingLagSeconds };
  // The emulator reads its variables from the first function that has them. This one is never run, so it misleads nobody.
  const Resources = { SweepDashroomsLambdaFunction: withVariables(must(sweeper), lag), ...others };
  const templateFile = join(directory, basename(source));
  writeFileSync(templateFile, JSON.stringify({ ...template, Resources }));
  return { templateFile, remove: () => rmSync(directory, { recursive: true }) };
}

function impatient(resource: Resource, endpoint: string): Resource {
  switch (resource.Type) {
    case 'AWS::SQS::Queue':
      return withProperties(resource, { VisibilityTimeout: TIMEOUT_SECONDS });
    case 'AWS::Lambda::EventSourceMapping':
      return withProperties(resource, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 1 } });
    case 'AWS::Lambda::Function': {
      const variables = { ...TIMING, ...endpointVariables(resource, endpoint) };
      return withVariables(withProperties(resource, { Timeout: TIMEOUT_SECONDS }), variables);
    }
    default:
      return resource;
  }
}

/** The SDK calls a queue where the queue's URL says, and every other service where its own variable does. */
function endpointVariables(resource: Resource, endpoint: string): Record<string, unknown> {
  const queueUrls = Object.entries(variablesOf(resource)).flatMap(([name, value]) =>
    name.endsWith('_QUEUE_URL')
      ? [[name, { 'Fn::Sub': `${endpoint}/\${AWS::AccountId}/\${${Object(value).Ref}.QueueName}` }]]
      : [],
  );
  const services = ['DYNAMODB', 'SNS', 'SQS', 'IVSCHAT'].map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint]);
  return Object.fromEntries([...queueUrls, ...services]);
}

function variablesOf({ Properties }: Resource): Record<string, unknown> {
  return Object(Object(Properties.Environment).Variables);
}

function withVariables(resource: Resource, variables: Record<string, unknown>): Resource {
  return withProperties(resource, { Environment: { Variables: { ...variablesOf(resource), ...variables } } });
}

function withProperties(resource: Resource, properties: Record<string, unknown>): Resource {
  return { ...resource, Properties: { ...resource.Properties, ...properties } };
}
