import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { type Access, KEY_HEADER } from './access.ts';

/** The page may load only the console's own resources. */
export const securityHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
  crossOriginEmbedderPolicy: 'require-corp',
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // The console speaks HTTP on loopback, so a rule for HTTPS would have no effect.
  strictTransportSecurity: false,
});

/** No answer is stored: the data changes all the time, and other users of the computer could read a stored one. */
export const noStore: MiddlewareHandler = async (context, next) => {
  await next();
  context.header('Cache-Control', 'no-store');
};

/**
 * Refuses requests that did not come from a page of the console. `Host` must be the console's own, because a foreign name that resolves to
 * 127.0.0.1 makes the browser treat the console as a part of the foreign site (DNS rebinding). `Origin` and `Sec-Fetch-Site` must not name
 * another site, or another port of this computer.
 * @param ports the port that the console listens on, known when the first request arrives
 */
export function ownOriginOnly(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (![`127.0.0.1:${port()}`, `localhost:${port()}`].includes(host))
      return context.text('This address is not that of the console.\n', 421);
    const origin = context.req.header('origin');
    const isForeign = origin !== undefined && origin !== `http://${host}`;
    if (isForeign || (isFromAnotherSite(context) && !opensTab(context)))
      return context.text('Other sites may not use the console.\n', 403);
    return next();
  };
}

/** Whether a browser declares that the request comes from another site, or from another port of this computer. */
export function isFromAnotherSite({ req }: Context): boolean {
  const site = req.header('sec-fetch-site');
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** A link on another site may open the page in a tab, but not in a frame: without the cookie, the page shows nothing. */
function opensTab({ req }: Context): boolean {
  const isDocument = req.header('sec-fetch-mode') === 'navigate' && req.header('sec-fetch-dest') === 'document';
  return req.method === 'GET' && isDocument;
}

/** Whether a request is only the prefetch of a browser or the preview of a link, so that nobody has opened the address yet. */
export function isPreview({ req }: Context): boolean {
  return req.method !== 'GET' || req.header('sec-purpose')?.startsWith('prefetch') === true;
}

/** Accepts GET without a body, and POST with a JSON body of a declared length. */
export function jsonBodiesOnly(maxBytes: number): MiddlewareHandler {
  const isAllowed = bodiesOnly('application/json', maxBytes);
  return (context, next) =>
    isAllowed(context, async () => {
      const isJson =
        context.req.method === 'GET' ||
        (await context.req.json().then(
          () => true,
          () => false,
        ));
      if (isJson) await next();
      else context.res = context.json({ problem: 'The body is not JSON.' }, 400);
    });
}

/**
 * Accepts GET without a body, and POST with a body of this type and a declared length. Without permission, another site's page can send
 * forms and text, but not other types. Node itself ends a body at its declared length.
 */
export function bodiesOnly(type: string, maxBytes: number): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    if (req.method === 'GET') return next();
    if (req.method !== 'POST') return context.json({ problem: `The method ${req.method} is not supported.` }, 405);
    if (req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== type)
      return context.json({ problem: `The body must be of type ${type}.` }, 415);
    const length = req.header('content-length');
    if (length === undefined) return context.json({ problem: 'The length of the body is missing.' }, 411);
    if (Number(length) > maxBytes)
      return context.json({ problem: `The body is longer than ${maxBytes / 1024 / 1024} MiB.` }, 413);
    return next();
  };
}

/** The name of the cookie contains the port, because all ports of a host share their cookies. */
export function cookieName(port: number): string {
  return `greenroom-console-${port}`;
}

/** Refuses all calls except those of the browser that exchanged the token. */
export function signedInOnly(access: Access, port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const cookie = getCookie(context, cookieName(port()));
    if (!access.mayCall({ cookie, key: context.req.header(KEY_HEADER) }))
      return context.json({ problem: 'This browser is not signed in to the console.' }, 401);
    return next();
  };
}
