import { randomUUID } from 'node:crypto';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type { Denial } from './usage.ts';

type Respond = (denial: Denial, request: ServiceRequest) => ServiceResponse;

/** AWS's words: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
function messageOf({ caller, action, resource, because }: Denial): string {
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

/** The form in which each service refuses access, by the service's signing name. */
const RESPONSES = new Map(
  Object.entries<Respond>({
    sqs: (denial) =>
      json(
        403,
        { __type: 'com.amazon.coral.service#AccessDeniedException', message: messageOf(denial) },
        { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': 'AccessDenied;Sender' },
      ),
    // "AuthorizationError: Indicates that the user has been denied access to the requested resource. HTTP Status Code: 403"
    // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    sns: (denial) => xml(errorResponse('AuthorizationError', messageOf(denial))),
    s3: (denial, { method }) =>
      xml(
        method === 'HEAD'
          ? ''
          : `<Error><Code>AccessDenied</Code><Message>${escapeXml(messageOf(denial))}</Message></Error>`,
      ),
    // "AccessDeniedException: HTTP Status Code: 400":
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    dynamodb: (denial) =>
      json(
        400,
        { __type: 'com.amazon.coral.service#AccessDeniedException', Message: messageOf(denial) },
        { 'content-type': 'application/x-amz-json-1.0' },
      ),
    ivschat: restResponse,
    scheduler: restResponse,
  }),
);

/** The response to a call that is not permitted. */
export function accessDenied(service: string, denial: Denial, request: ServiceRequest): ServiceResponse {
  return (RESPONSES.get(service) ?? restResponse)(denial, request);
}

function restResponse(denial: Denial): ServiceResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' };
  return json(403, { Message: messageOf(denial) }, headers);
}

function json(status: number, body: object, headers: Record<string, string>): ServiceResponse {
  return { status, headers: { ...headers, 'x-amzn-requestid': randomUUID() }, body: JSON.stringify(body) };
}

function xml(body: string): ServiceResponse {
  return { status: 403, headers: { 'content-type': 'application/xml' }, body };
}

function errorResponse(code: string, message: string): string {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  return `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
