import { explainCredentialsError, explainNetworkError } from './calls/failed-call.ts';
import { Interruption } from './interruption.ts';
import { LOCAL_STAGE } from './local-stage.ts';
import { isMissingResource } from './missing-resource.ts';
import { UserError } from './user-error.ts';

/** The stage that a command uses. */
export interface UsedStage {
  stage: string;
  region: string;
}

/**
 * The message for an error that ends a command. It is one line with the problem and, if one is known, the remedy.
 * @param used the stage that the command uses, if it has found out which one
 */
export function explainError(error: unknown, used?: UsedStage): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof UserError || error instanceof Interruption) return error.message;
  // Code that is shared with the functions wraps the errors of a table. The user needs the wrapped error.
  if (error.name === 'TableUnavailableError' && error.cause !== undefined) return explainError(error.cause, used);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const network = explainNetworkError(error);
  if (network !== undefined) return network;
  if (code === 'EADDRINUSE') return 'The port is already in use: choose another one with --port';
  if (isMissingResource(error)) return missingStage(used);
  switch (error.name) {
    case 'AbortError':
      return 'Interrupted';
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return explainCredentialsError(error, oneLine(error));
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      return `AWS does not accept the credentials (${error.name}): sign in again, or check AWS_PROFILE and AWS_ACCESS_KEY_ID`;
    case 'EndpointError':
      if (!error.message.includes('custom endpoint')) return oneLine(error);
      return 'A custom endpoint has no FIPS or dual-stack variant: unset AWS_ENDPOINT_URL, or AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT (or the same settings in the AWS configuration file)';
    default:
      if (error.message.includes('Region is missing'))
        return 'No AWS region is set: set one with --region or AWS_REGION, or in the profile that AWS_PROFILE names';
      return error.name === 'Error' ? oneLine(error) : `${error.name}: ${oneLine(error)}`;
  }
}

function missingStage(used: UsedStage | undefined): string {
  if (used === undefined) return 'There is no such stage: choose another one with --stage or --region';
  const { stage, region } = used;
  if (stage === LOCAL_STAGE) return 'The local stack has no such queue or table: end it, and start it again';
  const deploy = `npx serverless deploy --stage ${stage} --region ${region}`;
  return `There is no stage ${stage} in ${region} in this account: deploy it (${deploy}), or choose another one with --stage or --region`;
}

function oneLine({ message }: Error): string {
  return message.replaceAll(/\s+/g, ' ');
}
