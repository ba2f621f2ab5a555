import type { Random } from '../../lib/platform/backoff.ts';
import type { CallFate } from './faults.ts';

export type SimulatedService = 'dynamodb' | 'sqs' | 'sns' | 'ivschat';

/** A time in which every call to a service fails in the same way. */
export interface Outage {
  service: SimulatedService;
  fromMs: number;
  untilMs: number;
  fate: CallFate;
  /** Whether this outage has made a call fail. */
  hasFailed: boolean;
}

const SHARE_OF_SEEDS = 0.3;
const SHORTEST_MS = 2 * 60_000;
const LONGEST_MS = 48 * 60 * 60_000;
const BEGINS_WITHIN_MS = 40 * 60_000;

const SERVICES: SimulatedService[] = ['dynamodb', 'sqs', 'sns', 'ivschat'];
const ANY_SERVICE: CallFate[] = [
  { kind: 'lost-request' },
  { kind: 'unreachable' },
  { kind: 'error-before', status: 503 },
];
const IVS_CHAT: CallFate[] = [
  { kind: 'refused', name: 'ThrottlingException', status: 429 },
  { kind: 'refused', name: 'AccessDeniedException', status: 403 },
  { kind: 'refused', name: 'PendingVerification', status: 403 },
];

/**
 * Draws the outages of a run: none in most runs, sometimes two. They last from minutes to two days, evenly distributed on a logarithmic
 * scale.
 */
export function drawOutages(random: Random, startMs: number): Outage[] {
  if (random() >= SHARE_OF_SEEDS) return [];
  const count = random() < 0.2 ? 2 : 1;
  return Array.from({ length: count }, () => drawOutage(random, startMs));
}

function drawOutage(random: Random, startMs: number): Outage {
  const service = SERVICES[Math.floor(random() * SERVICES.length)] ?? 'dynamodb';
  const fate = drawFate(service, random);
  const fromMs = startMs + (random() < 0.5 ? 0 : Math.floor(random() * BEGINS_WITHIN_MS));
  const lengthMs = SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** random();
  return { service, fromMs, untilMs: Math.floor(fromMs + lengthMs), fate, hasFailed: false };
}

/** An outage of a service at a given time. */
export function outageFrom(
  service: SimulatedService,
  { random, fromMs, lengthMs }: { random: Random; fromMs: number; lengthMs: number },
): Outage {
  return { service, fromMs, untilMs: fromMs + lengthMs, fate: drawFate(service, random), hasFailed: false };
}

function drawFate(service: SimulatedService, random: Random): CallFate {
  const fates = service === 'ivschat' ? [...ANY_SERVICE, ...IVS_CHAT] : ANY_SERVICE;
  return fates[Math.floor(random() * fates.length)] ?? { kind: 'lost-request' };
}

/** The outage of a service at a given time. */
export function outageOf(outages: readonly Outage[], service: SimulatedService, nowMs: number): Outage | undefined {
  return outages.find((outage) => outage.service === service && outage.fromMs <= nowMs && nowMs < outage.untilMs);
}

/** When a service works again after all of its current outages. */
export function worksAgainMs(outages: readonly Outage[], service: SimulatedService, nowMs: number): number {
  const outage = outageOf(outages, service, nowMs);
  return outage === undefined ? nowMs : worksAgainMs(outages, service, outage.untilMs);
}
