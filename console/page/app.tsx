import { useEffect, useRef } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { LiveProvider, useLive } from './live.tsx';
import { EventsPage } from './pages/events.tsx';
import { ImportsPage } from './pages/imports.tsx';
import { NowPage } from './pages/now.tsx';
import { ParkedPage } from './pages/parked.tsx';
import { RequestsPage } from './pages/requests.tsx';
import { SendPage } from './pages/send.tsx';

interface Part {
  path: string;
  title: string;
  Page(): preact.JSX.Element;
}

const PARTS: readonly Part[] = [
  { path: '/', title: 'Now', Page: NowPage },
  { path: '/requests', title: 'Requests', Page: RequestsPage },
  { path: '/send', title: 'Send', Page: SendPage },
  { path: '/events', title: 'Events', Page: EventsPage },
  { path: '/imports', title: 'Imports', Page: ImportsPage },
  { path: '/parked', title: 'Parked', Page: ParkedPage },
];

export function App() {
  return (
    <LocationProvider>
      <LiveProvider>
        <Shell />
      </LiveProvider>
    </LocationProvider>
  );
}

function Shell() {
  const { path } = useLocation();
  const { now } = useLive();
  const main = useRef<HTMLElement>(null);
  const part = PARTS.find((each) => each.path === path);
  useEffect(() => {
    document.title = `${part?.title ?? 'Not found'} · greenroom ${now.answer?.stage ?? ''}`.trim();
  }, [part, now.answer?.stage]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <span class="name">greenroom</span>
        <StageState />
        <nav aria-label="Parts of the console">
          {PARTS.map(({ path: href, title }) => (
            <a key={href} href={href} aria-current={href === path ? 'page' : undefined}>
              {title}
              <Badge path={href} />
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <Trouble />
        <Router>
          {PARTS.map(({ path: each, Page }) => (
            <Route key={each} path={each} component={Page} />
          ))}
          <Route default component={NotFound} />
        </Router>
      </main>
    </>
  );
}

/** The stage, and whether the page is up to date. */
function StageState() {
  const { now } = useLive();
  const { answer, problem } = now;
  const state = problem !== undefined ? 'lost' : answer === undefined ? 'opening' : 'live';
  const words = { lost: 'not up to date', opening: 'opening…', live: 'live' }[state];
  return (
    <span class="stage">
      {answer && `${answer.stage}, ${answer.region}`} <span class={`state ${state}`}>{words}</span>
    </span>
  );
}

/** Says why the page is not up to date. The last answers remain visible below. */
function Trouble() {
  const { now } = useLive();
  if (now.problem === undefined) return null;
  return (
    <p class="trouble" role="alert">
      {now.isSignedOut
        ? 'This browser is not signed in. Run npx greenroom console (or npm start) and open the address that it prints.'
        : now.problem}
    </p>
  );
}

/** How many parked messages wait for a person. */
function Badge({ path }: { path: string }) {
  const { now } = useLive();
  const parked = now.answer?.queues.find(({ queue }) => queue === 'parked');
  const count = parked === undefined ? 0 : parked.visible + parked.inFlight;
  if (path !== '/parked' || count === 0) return null;
  return (
    <>
      {' '}
      <span class="badge">{count}</span>
    </>
  );
}

function NotFound() {
  return (
    <section>
      <h1>There is no such page</h1>
      <p>
        <a href="/">Show the load of the stage</a>
      </p>
    </section>
  );
}
