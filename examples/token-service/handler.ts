import { Logger } from '@aws-lambda-powertools/logger';
import { answerTokenRequest } from './answer-token-request.ts';
import { servicesFrom } from './services.ts';

const logger = new Logger({ serviceName: 'token-service' });
const services = servicesFrom(process.env, logger);

/** Answers `POST /rooms/{key}/token` of an HTTP API (payload 2.0) with a chat token for the room of the key. */
export async function handler(event: unknown, { awsRequestId }: { awsRequestId: string }) {
  logger.appendKeys({ function_request_id: awsRequestId });
  return answerTokenRequest(event, services);
}
