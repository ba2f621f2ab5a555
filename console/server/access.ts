import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The header with which the page proves that it received the key, see `Access`. */
export const KEY_HEADER = 'x-greenroom-console-key';

/**
 * Decides who may use the console. The printed address contains a token that can be exchanged once, for two secrets: a cookie, which
 * scripts cannot read, and a key, which the browser keeps for this origin. Every call needs both, because browsers send the cookies of one
 * port to all ports of a host. A program that listens on another port could receive the cookie, but not the key.
 */
export interface Access {
  /** The token of the printed address. */
  token: string;
  /** @returns the secrets for the browser that presents the token; undefined if the token is wrong or has already been exchanged */
  exchange(token: string): Secrets | undefined;
  /** Whether a cookie belongs to the browser that exchanged the token. */
  isSignedIn(cookie: string | undefined): boolean;
  /** Whether both secrets belong to that browser. */
  mayCall(given: { cookie: string | undefined; key: string | undefined }): boolean;
}

export interface Secrets {
  cookie: string;
  key: string;
}

/** 128 bits, which no one can guess, in 22 characters, so that the address fits on one line. */
const SECRET_BYTES = 16;

export function createAccess(newSecret: () => string = () => randomBytes(SECRET_BYTES).toString('base64url')): Access {
  const token = newSecret();
  let secrets: Secrets | undefined;
  const isSignedIn = (cookie: string | undefined) => secrets !== undefined && isEqual(cookie, secrets.cookie);
  return {
    token,
    exchange(given) {
      if (secrets !== undefined || !isEqual(given, token)) return undefined;
      secrets = { cookie: newSecret(), key: newSecret() };
      return secrets;
    },
    isSignedIn,
    mayCall: ({ cookie, key }) => secrets !== undefined && isSignedIn(cookie) && isEqual(key, secrets.key),
  };
}

/** Compares in constant time, so that the time of an answer does not reveal how much of a guess is right. */
function isEqual(given: string | undefined, secret: string): boolean {
  const [one, other] = [given ?? '', secret].map((text) => createHash('sha256').update(text).digest());
  return given !== undefined && one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
