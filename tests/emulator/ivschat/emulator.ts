import { createIvsChat, type IvsChat, type IvsChatOptions } from '../../../emulator/ivschat/ivs-chat.ts';
import { createRandom } from '../../../emulator/random.ts';
import type { ServiceRequest, ServiceResponse } from '../../../emulator/service.ts';

/** A clock that stands still until it is moved. */
export interface Clock {
  nowMs: number;
}

export const SIGNATURE_LIFETIME_MS = 15 * 60_000;

/** An emulator with a clock that stands still, a seeded random source and no listing lag, unless the options say otherwise. */
export function emulator(options: Partial<IvsChatOptions> = {}): { ivsChat: IvsChat; clock: Clock } {
  const clock = { nowMs: Date.now() };
  const ivsChat = createIvsChat({
    now: () => clock.nowMs,
    random: createRandom(1),
    signatureLifetimeMs: SIGNATURE_LIFETIME_MS,
    listingLagMs: 0,
    ...options,
  });
  return { ivsChat, clock };
}

/** Quotas that no test reaches by accident. */
export const UNLIMITED = { burst: 1_000_000 };

export interface RawRequest {
  method?: string;
  path: string;
  query?: URLSearchParams;
  body?: string | object;
  headers?: Record<string, string>;
  region?: string;
}

/** A request as the gateway would pass it on, signed at `nowMs`. */
export function rawRequest(nowMs: number, raw: RawRequest): ServiceRequest {
  const region = raw.region ?? 'eu-west-1';
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    method: raw.method ?? 'POST',
    path: raw.path,
    query: raw.query ?? new URLSearchParams(),
    headers: raw.headers ?? {
      'x-amz-date': date,
      authorization: `AWS4-HMAC-SHA256 Credential=AKID/${date.slice(0, 8)}/${region}/ivschat/aws4_request, Signature=0`,
    },
    body: Buffer.from(typeof raw.body === 'object' ? JSON.stringify(raw.body) : (raw.body ?? '')),
    region,
  };
}

export interface Seen {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The body, or undefined if it is not JSON. */
  json: unknown;
}

/** Sends a request that is signed now. @returns the response, with `lost` if the connection would be destroyed */
export async function send(
  { ivsChat, clock }: { ivsChat: IvsChat; clock: Clock },
  raw: RawRequest,
): Promise<Seen | 'lost'> {
  return seen(await ivsChat.handle(rawRequest(clock.nowMs, raw)));
}

export function seen(response: ServiceResponse): Seen | 'lost' {
  if ('lost' in response) return 'lost';
  const text = response.body.toString();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
