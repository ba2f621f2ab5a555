import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { readTemplate, type Template } from '../../emulator/template/read-template.ts';

type Resource = Template['Resources'][string];

export interface Changes {
  /**
   * The timeout of the functions that handle manifests and rosters, and the visibility timeout of their queues. By default, the packaged
   * timeouts are kept.
   */
  rosterTimeoutSeconds?: number;
  /** If false, the requests of the bulk lane stay in their queue. */
  provisions?: boolean;
}

/**
 * With these settings the reader sends all rows without waiting for completions, because some benchmarks answer the requests only after all
 * of them have been sent.
 */
const NO_BOUND = { GREENROOM_OUTSTANDING_ROWS_PER_REGION: 50_000, GREENROOM_LANE_STOP_MESSAGES: 1_000_000 };

/** A copy of a package without pacing. IVS Chat's own quotas must be lifted too. */
export function packageUnlimited(templateFile: string, { rosterTimeoutSeconds, provisions = true }: Changes = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-unlimited-'));
  cpSync(dirname(templateFile), directory, { recursive: true });
  const template = readTemplate(templateFile);

  function changed(name: string, { Properties, ...resource }: Resource): Resource {
    const isRosters = /^(ManifestQueue|RosterQueue|StartDashbulkDashjob|TrackDashrosters)/.test(name);
    const seconds = isRosters ? rosterTimeoutSeconds : undefined;
    if (resource.Type === 'AWS::SQS::Queue')
      return { ...resource, Properties: { ...Properties, ...(seconds && { VisibilityTimeout: seconds }) } };
    if (/^ProvisionDashrooms.*BulkQueue$/.test(name) && !provisions)
      return { ...resource, Properties: { ...Properties, Enabled: false } };
    if (resource.Type !== 'AWS::Lambda::Function') return { ...resource, Properties };
    const { Variables } = Object(Properties.Environment);
    const Environment = { Variables: { ...Variables, GREENROOM_CREATE_ROOM_TPS: 100_000, ...NO_BOUND } };
    return { ...resource, Properties: { ...Properties, Environment, ...(seconds && { Timeout: seconds }) } };
  }

  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([name, resource]) => [name, changed(name, resource)]),
  );
  const copy = join(directory, basename(templateFile));
  writeFileSync(copy, JSON.stringify({ ...template, Resources }));
  return { templateFile: copy, remove: () => rmSync(directory, { recursive: true }) };
}
