import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { readTemplate, type Template } from '../../emulator/template/read-template.ts';
import { templateFile as packagedTemplate } from '../../local/start/make-package.ts';
import { must } from './must.ts';

/**
 * The visibility timeout of the queues, after which the request of a killed worker is received again, and the timeout of the
 * functions, which must not be longer. A function begins no call to IVS Chat in its last four seconds.
 */
const TIMEOUT_SECONDS = 7;
const TIMING = {
  // A signing date has whole seconds, so the lifetime is at least two.
  GREENROOM_SIGNATURE_LIFETIME_SECONDS: 2,
  GREENROOM_LISTING_LAG_SECONDS: 0.5,
  GREENROOM_CLOCK_ERROR_SECONDS: 0.2,
  GREENROOM_SEND_WINDOW_SECONDS: 1,
  GREENROOM_CALL_TIMEOUT_SECONDS: 1,
  // A call may be half an interval late for its slot. A long interval avoids missed slots on a busy machine, which would change the order
  // of calls.
  GREENROOM_CREATE_ROOM_TPS: 1,
};

export interface ImpatientOptions {
  /** The real maximum time until rooms are listed. Default: the time for which the functions are configured */
  listingLagSeconds?: number;
  /** Further environment variables of all functions. */
  variables?: Record<string, unknown>;
  /** Changes the files of the package. Called with the directory of the archives. */
  change?(directory: string): void;
}

type Resource = Template['Resources'][string];

/**
 * A copy of the package with short waits, in which each queue delivers one message at a time and the functions use this endpoint
 * for all AWS services.
 */
export function packageImpatiently(endpoint: string, options: ImpatientOptions = {}) {
  const { listingLagSeconds, variables = {}, change } = options;
  const source = packagedTemplate(resolve());
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-impatient-'));
  cpSync(dirname(source), directory, { recursive: true });
  change?.(directory);
  const template = readTemplate(source);
  const changed = Object.entries(template.Resources).map(([name, resource]) => [
    name,
    impatient(resource, endpoint, variables),
  ]);
  const { SweepDashroomsLambdaFunction: sweeper, ...others }: Template['Resources'] = Object.fromEntries(changed);
  const lag = listingLagSeconds === undefined ? {} : { GREENROOM_LISTING_LAG_SECONDS: listingLagSeconds };
  // The emulator reads these variables from the first function that has them. This function never runs, so its value affects only the
  // emulator.
  const Resources = { SweepDashroomsLambdaFunction: withVariables(must(sweeper), lag), ...others };
  const templateFile = join(directory, basename(source));
  writeFileSync(templateFile, JSON.stringify({ ...template, Resources }));
  return { templateFile, remove: () => rmSync(directory, { recursive: true }) };
}

function impatient(resource: Resource, endpoint: string, further: Record<string, unknown>): Resource {
  switch (resource.Type) {
    case 'AWS::SQS::Queue':
      return withProperties(resource, { VisibilityTimeout: TIMEOUT_SECONDS });
    case 'AWS::Lambda::EventSourceMapping':
      return withProperties(resource, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 1 } });
    case 'AWS::Lambda::Function': {
      const variables = { ...TIMING, ...endpointVariables(resource, endpoint), ...further };
      return withVariables(
        isScheduled(resource) ? resource : withProperties(resource, { Timeout: TIMEOUT_SECONDS }),
        variables,
      );
    }
    default:
      return resource;
  }
}

/** No queue waits for these functions, and they need time for several calls. */
function isScheduled({ Properties }: Resource): boolean {
  return String(Properties.Handler).includes('release-rooms');
}

/** The SDK calls a queue at the address in the URL of the queue, and every other service at the address in its own variable. */
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
