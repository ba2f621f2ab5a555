import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { UserError } from '../user-error.ts';

/** Calls to the user's own machine never use the proxy. */
const LOOPBACK = 'localhost,.localhost,127.0.0.1,127.0.0.1-127.255.255.254,::1,[::1]';
/** The first releases whose agents can use a proxy: https://nodejs.org/api/http.html#new-agentoptions */
const FIRST_MINOR = new Map([
  [22, 21],
  [24, 5],
]);
const FIRST_LATER_MAJOR = 25;

/** The variable that names a proxy, and the host and port of the proxy, without its user and password. */
export interface NamedProxy {
  variable: string;
  address: string;
}

export interface ProxySetting {
  /** The proxy for endpoints of each protocol. AWS's own endpoints use HTTPS. */
  named: { 'https:'?: NamedProxy; 'http:'?: NamedProxy };
  agents: { httpAgent: Agent; httpsAgent: TlsAgent };
}

type Environment = Record<string, string | undefined>;

/**
 * The agents for the proxy that the environment sets with HTTPS_PROXY, HTTP_PROXY and NO_PROXY (or the same names in lower case, which take
 * precedence). The SDK ignores these variables.
 * @returns undefined if the environment names no proxy
 * @throws UserError if a variable is not the address of a proxy
 */
export function readProxy(environment: Environment): ProxySetting | undefined {
  const secure = firstSet(environment, ['https_proxy', 'HTTPS_PROXY']);
  const plain = firstSet(environment, ['http_proxy', 'HTTP_PROXY']);
  if (secure === undefined && plain === undefined) return undefined;
  const except = firstSet(environment, ['no_proxy', 'NO_PROXY'])?.value;
  const options = {
    keepAlive: true,
    maxSockets: 50,
    proxyEnv: {
      ...(secure && { https_proxy: secure.value }),
      ...(plain && { http_proxy: plain.value }),
      no_proxy: except === undefined ? LOOPBACK : `${except},${LOOPBACK}`,
    },
  };
  return {
    named: { ...(secure && { 'https:': nameOf(secure) }), ...(plain && { 'http:': nameOf(plain) }) },
    agents: { httpAgent: new Agent(options), httpsAgent: new TlsAgent(options) },
  };
}

/** Whether the agents of a Node release use a proxy. Older releases ignore the setting. @param version such as 24.5.0 */
export function canUseProxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= FIRST_LATER_MAJOR || minor >= (FIRST_MINOR.get(major) ?? Number.POSITIVE_INFINITY);
}

function firstSet(environment: Environment, variables: string[]): { variable: string; value: string } | undefined {
  for (const variable of variables) {
    const value = environment[variable];
    if (value) return { variable, value };
  }
  return undefined;
}

function nameOf({ variable, value }: { variable: string; value: string }): NamedProxy {
  const url = URL.parse(value);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { variable, address: url.host };
  // The value is not shown, because it may contain a password.
  throw new UserError(
    `${variable} is not the URL of an HTTP proxy: set it to a URL such as http://proxy.example.com:3128, or unset it`,
  );
}
