import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTemplate, type Template } from '../../emulator/template/read-template.ts';
import type { Lane } from '../../lib/contract/lanes.ts';

/** The changes that a benchmark makes to the template. */
export interface TemplateChange {
  /** MaximumConcurrency of a lane's event source. */
  workers?: Partial<Record<Lane, number>>;
  /** `GREENROOM_CREATE_ROOM_TPS` of all functions. */
  callsPerSecond?: number;
  /** How long the queue delays bulk requests, so that all of them are sent before the first one is handled. */
  bulkDelaySeconds?: number;
  /** Whether event sources and schedules are disabled, so that no function is invoked automatically. */
  isIdle?: boolean;
}

/** Benchmarks use the times that apply to deployed stages, because the times of the stage `local` are shorter. */
const AS_DEPLOYED = { functionTimeoutSeconds: 60, visibilityTimeoutSeconds: 360, callTimeoutSeconds: 10 };
const LANE_QUEUES: Record<Lane, string> = { interactive: 'InteractiveQueue', bulk: 'BulkQueue' };

/**
 * Writes a changed copy of a template, with its functions' packages, to a separate directory.
 * @returns its file, and a function that removes the directory
 */
export function writeChangedTemplate(templateFile: string, change: TemplateChange): { file: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-bench-'));
  const packages = dirname(templateFile);
  for (const name of readdirSync(packages).filter((each) => each.endsWith('.zip'))) {
    symlinkSync(join(packages, name), join(directory, name));
  }
  const file = join(directory, 'template.json');
  writeFileSync(file, JSON.stringify(changeTemplate(readTemplate(templateFile), change)));
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function changeTemplate(template: Template, change: TemplateChange): Template {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    const Properties = { ...resource.Properties, ...changesOf(id, resource, change) };
    return [id, { ...resource, Properties }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

function changesOf(id: string, { Type, Properties }: Template['Resources'][string], change: TemplateChange): object {
  switch (Type) {
    case 'AWS::Lambda::Function':
      return functionChanges(Properties, change);
    case 'AWS::SQS::Queue':
      return {
        VisibilityTimeout: AS_DEPLOYED.visibilityTimeoutSeconds,
        ...(id === LANE_QUEUES.bulk && { DelaySeconds: change.bulkDelaySeconds ?? 0 }),
      };
    case 'AWS::Lambda::EventSourceMapping':
      return change.isIdle ? { Enabled: false } : mappingChanges(Properties, change);
    case 'AWS::Events::Rule':
      return change.isIdle ? { State: 'DISABLED' } : {};
    default:
      return {};
  }
}

function functionChanges({ FunctionName, Timeout, Environment }: Record<string, unknown>, change: TemplateChange) {
  const { callsPerSecond } = change;
  const { Variables } = Object(Environment);
  const isProvisioning = String(FunctionName).endsWith('-provision-rooms');
  return {
    Timeout: isProvisioning ? AS_DEPLOYED.functionTimeoutSeconds : Timeout,
    Environment: {
      Variables: {
        ...Variables,
        GREENROOM_CALL_TIMEOUT_SECONDS: String(AS_DEPLOYED.callTimeoutSeconds),
        ...(callsPerSecond !== undefined && { GREENROOM_CREATE_ROOM_TPS: String(callsPerSecond) }),
      },
    },
  };
}

function mappingChanges({ EventSourceArn }: Record<string, unknown>, { workers }: TemplateChange): object {
  const [queue] = Object(EventSourceArn)['Fn::GetAtt'] ?? [];
  const MaximumConcurrency =
    (queue === LANE_QUEUES.bulk && workers?.bulk) || (queue === LANE_QUEUES.interactive && workers?.interactive);
  return MaximumConcurrency ? { ScalingConfig: { MaximumConcurrency } } : {};
}
