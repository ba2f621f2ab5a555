import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import { callAws } from './call-aws.ts';
import type { DoctorClients } from './clients.ts';

/** The quotas of a region. A quota is undefined if Service Quotas does not list it. */
export interface RoomQuotas {
  rooms: number | undefined;
  createRoomCallsPerSecond: number | undefined;
}

const SERVICE = 'ivschat';

/**
 * Reads the quotas of IVS Chat. AWS does not document their codes, so they are found by their names.
 *
 * "For some quotas, only the default values are available. If the applied quota value is not available for a quota, the quota is not
 * retrieved": https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
 */
export function createQuotaReader({ serviceQuotas }: DoctorClients): (region: string) => Promise<RoomQuotas> {
  return async (region) => {
    const client = serviceQuotas(region);
    const applied = await listAll('servicequotas:ListServiceQuotas', (page) => client.listServiceQuotas(page));
    const defaults = await listAll('servicequotas:ListAWSDefaultServiceQuotas', (page) =>
      client.listAWSDefaultServiceQuotas(page),
    );
    const quotas = [...applied, ...defaults];
    return {
      rooms: quotaNamed(quotas, /^rooms$/i),
      createRoomCallsPerSecond: quotaNamed(quotas, /\bCreateRoom\b/i),
    };
  };
}

function quotaNamed(quotas: readonly ServiceQuota[], name: RegExp): number | undefined {
  return quotas.find(({ QuotaName = '' }) => name.test(QuotaName))?.Value;
}

async function listAll(
  action: string,
  list: (page: {
    ServiceCode: string;
    NextToken?: string;
  }) => Promise<{ Quotas?: ServiceQuota[] | undefined; NextToken?: string | undefined }>,
): Promise<ServiceQuota[]> {
  const listed: ServiceQuota[] = [];
  let NextToken: string | undefined;
  do {
    const page = await callAws(action, () =>
      list({ ServiceCode: SERVICE, ...(NextToken !== undefined && { NextToken }) }),
    );
    listed.push(...(page.Quotas ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return listed;
}
