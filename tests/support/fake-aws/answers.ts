import type { ProxiedAnswer } from '../loopback-proxy.ts';

/** The protocols of AWS's services: https://smithy.io/2.0/aws/protocols/index.html */
export type Protocol = 'query' | 'json' | 'rest-json' | 'rest-xml';

/** An error of a service, in the form that its protocol prescribes. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function errorAnswer(protocol: Protocol, { code, message, status }: AwsError): ProxiedAnswer {
  if (protocol === 'query') {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
    return answer(status, 'text/xml', `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`);
  }
  if (protocol === 'rest-xml')
    return answer(
      status,
      'application/xml',
      `<Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`,
    );
  const body = JSON.stringify({ __type: code, message });
  const { headers, ...rest } = answer(status, 'application/json', body);
  return { ...rest, headers: { ...headers, 'x-amzn-errortype': code } };
}

export function jsonAnswer(body: object): ProxiedAnswer {
  return answer(200, 'application/x-amz-json-1.1', JSON.stringify(body));
}

/** `<ActionResponse><ActionResult>…`. Lists become `<member>` elements, those named `entry` maps. Undefined members are left out. */
export function queryAnswer(action: string, result: Record<string, unknown>): ProxiedAnswer {
  const body = `<${action}Result>${members(result)}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>`;
  return answer(200, 'text/xml', `<${action}Response>${body}</${action}Response>`);
}

function members(value: Record<string, unknown>): string {
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .flatMap(([name, each]) =>
      name === 'entry' && Array.isArray(each) ? each.map((one) => [name, one]) : [[name, each]],
    )
    .map(([name, each]) => `<${name}>${content(each)}</${name}>`)
    .join('');
}

function content(value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => `<member>${content(each)}</member>`).join('');
  return typeof value === 'object' && value !== null
    ? members(value as Record<string, unknown>)
    : escaped(String(value));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function answer(status: number, contentType: string, text: string): ProxiedAnswer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(text) };
}
