/**
 * The event that an HTTP API (payload 2.0) passes to the function for `POST /rooms/{key}/token`, for `try.ts` and the tests. API Gateway
 * decodes the path once, and adds the claims that its JWT authorizer has verified.
 *
 * @param path as the client sends it
 * @throws URIError if the path is not encoded correctly
 */
export function tokenEvent(path: string, claims?: Record<string, string>) {
  const decoded = decodeURIComponent(path);
  return {
    version: '2.0',
    routeKey: 'POST /rooms/{path+}',
    rawPath: decoded,
    headers: { authorization: "Bearer the-user's-own-credentials" },
    pathParameters: { path: decoded.replace('/rooms/', '') },
    requestContext: {
      http: { method: 'POST', path: decoded },
      ...(claims && { authorizer: { jwt: { claims, scopes: null } } }),
    },
    isBase64Encoded: false,
  };
}

/** The path with which a client requests a token for the room of a key. */
export function pathOf(key: string): string {
  return `/rooms/${encodeURIComponent(key)}/token`;
}
