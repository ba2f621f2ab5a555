import type { EventSourceMappingConfiguration, FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Deployment } from '../../deployment.ts';
import { LOCAL_STAGE } from '../../local-stage.ts';
import { type RegionPace, readPaces } from '../region-pace.ts';
import { callAws, callUnlessAbsent } from './call-aws.ts';
import type { DoctorClients } from './clients.ts';
import { type QueueFacts, readQueue } from './queue-facts.ts';
import { createQuotaReader, type RoomQuotas } from './room-quotas.ts';

/** A resource of the stack, as CloudFormation lists it. */
export interface StackResource {
  logicalId: string;
  physicalId: string;
  type: string;
}

/** The stage under examination. Facts that several checks need are requested only once. */
export interface ExaminedStage {
  deployment: Deployment;
  clients: DoctorClients;
  nowMs: number;
  isLocal: boolean;
  /** The account of the stage's queues. */
  account: string;
  partition: string;
  /** The resources of a type. @throws NotCheckedError */
  resources(type: string): Promise<StackResource[]>;
  /** Undefined if the function does not exist. @throws NotCheckedError */
  functionConfiguration(name: string): Promise<FunctionConfiguration | undefined>;
  /** Undefined if the mapping does not exist. @throws NotCheckedError */
  mapping(uuid: string): Promise<EventSourceMappingConfiguration | undefined>;
  /** The state that the workers share for CreateRoom, from the pace table of this or another stage. @throws NotCheckedError */
  paces(paceTable: string): Promise<RegionPace[]>;
  /** Undefined if the queue does not exist. @param name the whole name @throws NotCheckedError */
  queue(name: string): Promise<QueueFacts | undefined>;
  /** The quotas of IVS Chat in a region. @throws NotCheckedError */
  quotas(region: string): Promise<RoomQuotas>;
}

export function stackName(stage: string): string {
  return `greenroom-${stage}`;
}

/** @param arn an ARN of the stage's account, such as that of a queue */
export function examine(
  deployment: Deployment,
  clients: DoctorClients,
  { arn, nowMs }: { arn: string; nowMs: number },
): ExaminedStage {
  const [, partition = '', , , account = ''] = arn.split(':');
  const resources = onceEach((stack) => listResources(clients, stack));
  return {
    deployment,
    clients,
    nowMs,
    isLocal: deployment.stage === LOCAL_STAGE,
    account,
    partition,
    resources: async (type) =>
      (await resources(stackName(deployment.stage))).filter((resource) => resource.type === type),
    functionConfiguration: onceEach((name) =>
      callUnlessAbsent('lambda:GetFunctionConfiguration', ['ResourceNotFoundException'], () =>
        clients.lambda(deployment.region).getFunctionConfiguration({ FunctionName: name }),
      ),
    ),
    mapping: onceEach((UUID) =>
      callUnlessAbsent('lambda:GetEventSourceMapping', ['ResourceNotFoundException'], () =>
        clients.lambda(deployment.region).getEventSourceMapping({ UUID }),
      ),
    ),
    paces: onceEach((paceTable) =>
      callAws('dynamodb:GetItem', () => readPaces({ dynamodb: deployment.dynamodb, paceTable })),
    ),
    quotas: onceEach(createQuotaReader(clients)),
    queue: onceEach((name) => readQueue(deployment, name)),
  };
}

async function listResources({ cloudFormation }: DoctorClients, StackName: string): Promise<StackResource[]> {
  const listed: StackResource[] = [];
  let NextToken: string | undefined;
  do {
    const request = { StackName, ...(NextToken !== undefined && { NextToken }) };
    const page = await callAws('cloudformation:ListStackResources', () => cloudFormation.listStackResources(request));
    for (const { LogicalResourceId, PhysicalResourceId, ResourceType } of page.StackResourceSummaries ?? [])
      if (LogicalResourceId !== undefined && PhysicalResourceId !== undefined && ResourceType !== undefined)
        listed.push({ logicalId: LogicalResourceId, physicalId: PhysicalResourceId, type: ResourceType });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return listed;
}

/** Reads each name only once, even if several checks need it at the same time. */
export function onceEach<Value>(read: (name: string) => Promise<Value>): (name: string) => Promise<Value> {
  const values = new Map<string, Promise<Value>>();
  return (name) => {
    const value = values.get(name) ?? read(name);
    values.set(name, value);
    return value;
  };
}
