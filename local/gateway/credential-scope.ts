/** `Credential=AKID/date/region/service/aws4_request` of an AWS Signature Version 4 header. The signature itself is not verified. */
const CREDENTIAL = /Credential=[^/,]+\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request/;

export interface CredentialScope {
  region: string;
  /** The service's signing name. */
  service: string;
}

export function credentialScopeOf(authorization: string | undefined): CredentialScope | undefined {
  const [, region, service] = CREDENTIAL.exec(authorization ?? '') ?? [];
  return region !== undefined && service !== undefined ? { region, service } : undefined;
}
