import type { RequestSigner } from '@smithy/types';

const SEPARATORS = /[-:]|\.\d{3}/g;

/**
 * The signer of SDK clients whose service is in this process. No such service verifies signatures, and computing them would take a tenth of
 * a simulation's processor time. The services read the key, the scope and the date, which are those of the SDK's own signer.
 *
 * @param accessKeyId the key that the requests name
 */
export function unverifiedSigner(accessKeyId: string): RequestSigner {
  return {
    async sign(request, { signingDate = new Date(), signingRegion = '', signingService = '' } = {}) {
      const date = new Date(signingDate).toISOString().replace(SEPARATORS, '');
      const scope = `${date.slice(0, 8)}/${signingRegion}/${signingService}/aws4_request`;
      request.headers['x-amz-date'] = date;
      request.headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=host, Signature=unverified`;
      return request;
    },
  };
}
