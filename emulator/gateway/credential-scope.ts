/** `Credential=AKID/date/region/service/aws4_request` of an AWS Signature Version 4 header. The signature itself is not verified. */
const CREDENTIAL = /Credential=([^/,]+)\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request/;

export interface CredentialScope {
  accessKeyId: string;
  region: string;
  /** The service's signing name. */
  service: string;
}

export function credentialScopeOf(authorization: string | undefined): CredentialScope | undefined {
  const [, accessKeyId, region, service] = CREDENTIAL.exec(authorization ?? '') ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return { accessKeyId, region, service };
}
