import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Access } from './access.ts';
import { answerError } from './answer-errors.ts';
import { createApi } from './api.ts';
import type { ConsoleContext } from './console-context.ts';
import { cookieName, isFromAnotherSite, isPreview, noStore, ownOriginOnly, securityHeaders } from './guard.ts';
import type { PageFile } from './page-files.ts';

/** The addresses that open the page. The page itself shows the right part for each of them. */
const PAGES = ['/', '/requests', '/send', '/events', '/imports', '/parked'];

const NOT_SIGNED_IN = `Open the address that npx greenroom console (or npm start) printed in its terminal.
That address works once. For a new one, run npx greenroom console again.
`;

export interface AppSettings extends ConsoleContext {
  access: Access;
  files: ReadonlyMap<string, PageFile>;
  /** The port that the console listens on, which is known when the first request arrives. */
  port(): number;
}

/** The console as an HTTP application: the exchange of the token, the page, and the calls of the page. */
export function createApp({ access, files, port, ...context }: AppSettings): Hono {
  const app = new Hono();
  const isSignedIn = (request: Context) => access.isSignedIn(getCookie(request, cookieName(port())));
  app.use(securityHeaders, noStore, ownOriginOnly(port));
  app.get('/', async (request, next) => {
    const token = request.req.query('token');
    if (token === undefined || isPreview(request)) return next();
    const secrets = access.exchange(token);
    // This browser may have exchanged the token already, for example in another tab.
    if (secrets === undefined) return isSignedIn(request) ? request.redirect('/', 303) : next();
    setCookie(request, cookieName(port()), secrets.cookie, { httpOnly: true, sameSite: 'Strict', path: '/' });
    // Browsers send no fragment to a server. The page stores the key, and removes it from the address.
    const address = `/#key=${secrets.key}`;
    if (!isFromAnotherSite(request)) return request.redirect(address, 303);
    // After a link on another site, for example in a terminal in the browser, a redirect would not send the new cookie.
    request.header('Refresh', `0; url=${address}`);
    return request.text('Opening the console…\n');
  });
  for (const page of PAGES)
    app.get(page, (request) =>
      isSignedIn(request) ? fileAnswer(request, files.get('/index.html')) : request.text(NOT_SIGNED_IN, 401),
    );
  for (const path of files.keys())
    if (path !== '/index.html') app.get(path, (request) => fileAnswer(request, files.get(path)));
  app.route('/api', createApi(context, access, port));
  app.notFound((request) => request.text('There is no such page.\n', 404));
  app.onError(answerError);
  return app;
}

function fileAnswer(request: Context, file: PageFile | undefined): Response | Promise<Response> {
  return file === undefined ? request.notFound() : request.body(file.text, 200, { 'Content-Type': file.type });
}
