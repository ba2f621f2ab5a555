import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import type { CallFate, FaultKind } from './faults.ts';
import type { Outage } from './outages.ts';
import type { PacedCall } from './release-part.ts';
import { count, crash, type World } from './world.ts';

/** The steps of a releaser, of the sweeper and of an operator: one call each. */
export const RELEASE_STEPS = [
  'query',
  'read',
  'slot of GetRoom',
  'GetRoom',
  'slot of DeleteRoom',
  'mark',
  'DeleteRoom',
  'publication',
  'finish',
  'push back',
  'note of freed quota',
  'other call',
] as const;

/** The body of a call, as the SDK sends it. */
interface CallBody {
  body?: string | Uint8Array;
}

export type ReleaseStep = (typeof RELEASE_STEPS)[number];

const STEPS: Record<string, ReleaseStep> = {
  Query: 'query',
  GetItem: 'read',
  GetRoom: 'GetRoom',
  DeleteRoom: 'DeleteRoom',
  Publish: 'publication',
};

/** The step to which a call belongs. */
export function releaseStepOf(call: string, { body }: CallBody): ReleaseStep {
  const known = STEPS[call];
  if (known) return known;
  const text = String(body);
  if (text.includes('#GetRoom"')) return 'slot of GetRoom';
  if (text.includes('#DeleteRoom"')) return 'slot of DeleteRoom';
  if (text.includes('#CreateRoom"')) return 'note of freed quota';
  if (text.includes('#release_marked_at = :now')) return 'mark';
  if (text.includes('#released_at = :now')) return 'finish';
  return text.includes('#release_look_at = :look_at') ? 'push back' : 'other call';
}

type Drawn = { counted: FaultKind; fate: CallFate };

const error = (name: string, status: number, members?: Record<string, unknown>): CallFate => ({
  kind: 'ivschat-error',
  name,
  status,
  ...(members && { members }),
});

const DELETE_ROOM: Drawn[] = [
  { counted: 'DeleteRoom throttled', fate: error('ThrottlingException', 429) },
  { counted: 'DeleteRoom never sent', fate: { kind: 'unreachable' } },
  { counted: 'DeleteRoom lost', fate: { kind: 'lost-request' } },
  { counted: 'DeleteRoom: answer lost', fate: { kind: 'lost-response' } },
  { counted: 'DeleteRoom: error before the effect', fate: { kind: 'error-before', status: 503 } },
  { counted: 'DeleteRoom: error after the effect', fate: { kind: 'error-after', status: 500 } },
  { counted: 'DeleteRoom: late effect', fate: { kind: 'late-effect', delayMs: 0 } },
  { counted: 'DeleteRoom: account blocked (403)', fate: error('PendingVerification', 403) },
  { counted: 'DeleteRoom: access denied (403)', fate: error('AccessDeniedException', 403) },
  { counted: 'DeleteRoom: conflict (409)', fate: error('ConflictException', 409) },
  { counted: 'DeleteRoom: refused (400)', fate: error('ValidationException', 400, { reason: 'OTHER' }) },
];

const OTHERS: Drawn[] = [
  { counted: 'releaser: request lost', fate: { kind: 'lost-request' } },
  { counted: 'releaser: response lost', fate: { kind: 'lost-response' } },
  { counted: 'releaser: service error before a call took effect', fate: { kind: 'error-before', status: 503 } },
  { counted: 'releaser: service error after a call took effect', fate: { kind: 'error-after', status: 500 } },
  { counted: 'releaser: effect delayed past the deadline', fate: { kind: 'late-effect', delayMs: 0 } },
];

/** The probabilities of a crash, before or after the call, and of another fault. Rare steps fail more often. */
const SHARES: Record<ReleaseStep, { crash: number; fault: number }> = {
  query: { crash: 0.02, fault: 0.01 },
  read: { crash: 0.04, fault: 0.04 },
  'slot of GetRoom': { crash: 0.15, fault: 0.08 },
  GetRoom: { crash: 0.25, fault: 0.1 },
  'slot of DeleteRoom': { crash: 0.06, fault: 0.06 },
  mark: { crash: 0.35, fault: 0.1 },
  DeleteRoom: { crash: 0.1, fault: 0.5 },
  publication: { crash: 0.4, fault: 0.2 },
  finish: { crash: 0.4, fault: 0.2 },
  'push back': { crash: 0.1, fault: 0.1 },
  'note of freed quota': { crash: 0.9, fault: 0.1 },
  'other call': { crash: 0.15, fault: 0.03 },
};
const LATE_MS = { aws: 20_000, ivsChat: 899_000 };

/** Draws the fate of a call of the releaser. */
export function releaseFate(world: World, _worker: Worker, call: string, request: CallBody): CallFate {
  const { releases, time } = world;
  if (releases === undefined || time.nowMs() >= releases.plan.calmFromMs) return { kind: 'normal' };
  const { random, plan } = releases;
  const step = releaseStepOf(call, request);
  const share = SHARES[step];
  const chance = random() / plan.intensity;
  if (chance < share.crash) {
    count(world, `releaser crashes at: ${step}`);
    return { kind: random() < 0.5 ? 'crash-before' : 'crash-after' };
  }
  if (chance > share.crash + share.fault) return { kind: 'normal' };
  const faults = step === 'DeleteRoom' ? DELETE_ROOM : OTHERS;
  const drawn = faults[Math.floor(random() * faults.length)];
  if (drawn === undefined) return { kind: 'normal' };
  count(world, drawn.counted);
  const longestMs = step === 'DeleteRoom' || step === 'GetRoom' ? LATE_MS.ivsChat : LATE_MS.aws;
  return drawn.fate.kind === 'late-effect'
    ? { kind: 'late-effect', delayMs: 5_000 + random() * (longestMs - 5_000) }
    : drawn.fate;
}

/** Draws whether a releaser is frozen before it gets a response. */
export function freezesReleaser(world: World): boolean {
  if (!strikesReleaser(world, 0.05)) return false;
  count(world, 'releaser frozen and resumed');
  return true;
}

/** Draws whether a releaser crashes while it waits. */
export function onReleaserTimer(world: World, worker: Worker): void {
  if (!strikesReleaser(world, 0.02)) return;
  count(world, 'releaser crashes at a timer');
  crash(world, worker);
}

function strikesReleaser({ releases, time }: World, share: number): boolean {
  if (releases === undefined || time.nowMs() >= releases.plan.calmFromMs) return false;
  return releases.random() < share * releases.plan.intensity;
}

export function noteOutageOfReleaser(world: World, outage: Outage): void {
  const met = world.releases?.metOutages;
  if (met === undefined || met.has(outage)) return;
  met.add(outage);
  if (outage.service !== 'sqs') count(world, `releaser: outage of ${outage.service}`);
}

/** Notes when a call of the releaser or the sweeper is sent. */
export function notePacedCall({ releases, time }: World, api: PacedCall['api']): void {
  const worker = currentWorker.getStore();
  if (worker && releases?.has(worker)) releases.pacedCalls.push({ api, sentAtMs: time.nowMs() });
}
