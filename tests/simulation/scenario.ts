import type { Room } from '../../lib/contract/room.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import { drawNamesakes, type Namesakes } from './namesakes.ts';
import { drawOutages, type Outage } from './outages.ts';
import type { ReleasePlan } from './release-plan.ts';

/** A room request of a scenario. */
export interface ScenarioRequest {
  number: number;
  idempotencyKey: string;
  room: Room;
  sentAtMs: number;
  neededByMs: number | undefined;
  /** Whether its message was moved to the dead-letter queue without a reason. */
  movedByChance?: boolean;
  /** Whether it is a row of the bulk job that may be stopped. */
  isRow?: boolean;
  /** The release time that it states. */
  releaseAtMs?: number | undefined;
  /** When the decision about its release time was made, if a live event has sent it. */
  wishedAtMs?: number;
  /** The revision of the live event that has sent it. */
  revision?: number;
  /** The request that an operator has sent back, as this one. */
  redrivenFrom?: number;
  /** When it was first sent, if an operator has sent it back. Default: when the message that is sent back was sent */
  askedAtMs?: number | undefined;
}

export interface Scenario {
  requests: ScenarioRequest[];
  /** The probability of a fault at each point where one can happen. */
  intensity: number;
  /** From this time on, there are no faults except outages. */
  calmFromMs: number;
  outages?: Outage[];
  /** When an operator stops the job of the rows. */
  stopAtMs?: number;
  /** Rooms of other programs with the same name. */
  namesakes?: Namesakes | undefined;
  releases?: ReleasePlan;
}

const PAYLOADS: Room[] = [{ name: 'hall', tags: { event: 'final' } }, { name: 'studio' }];
const INTENSITIES = [0.01, 0.04, 0.1];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Draws two to four requests for one or two keys: duplicates, other payloads, early and late ones, and some that expire soon. */
export function createScenario(random: Random, startMs: number): Scenario {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const keys = random() < 0.7 ? ['main-chat'] : ['main-chat', 'side-chat'];
  const count = 2 + Math.floor(random() * 3);
  const requests = Array.from({ length: count }, (_, number) => {
    // Some requests are sent together, so that several workers may handle them concurrently and in another order.
    const together = number === 0 || random() < 0.4;
    const sentAtMs = startMs + (together ? Math.floor(random() * 2_000) : Math.floor(random() * 40 * MINUTE_MS));
    return {
      number,
      idempotencyKey: pick(keys),
      room: random() < 0.7 ? (PAYLOADS[0] as Room) : pick(PAYLOADS),
      sentAtMs,
      neededByMs: random() < 0.25 ? sentAtMs + 5_000 + Math.floor(random() * 30 * MINUTE_MS) : undefined,
    };
  });
  const intensity = pick(INTENSITIES);
  const outages = drawOutages(random, startMs);
  if (outages.length > 0) for (const request of requests) request.neededByMs = neededDuringOutages(request, random);
  const namesakes = drawNamesakes(random, startMs, PAYLOADS[0]?.name ?? '');
  return { requests, intensity, calmFromMs: startMs + 90 * MINUTE_MS, outages, namesakes };
}

/** Draws a deadline that is later than the end of every outage in more than half of the cases. */
function neededDuringOutages({ sentAtMs, neededByMs }: ScenarioRequest, random: Random): number | undefined {
  const chance = random();
  if (chance < 0.3) return undefined;
  return chance < 0.85 ? sentAtMs + Math.floor((2.2 + random() * 4.5) * DAY_MS) : neededByMs;
}

/** Makes some requests of a scenario rows of a bulk job, and stops the job, in about a third of all cases. */
export function withStop(scenario: Scenario, random: Random, startMs: number): Scenario {
  if (random() > 0.35) return scenario;
  const stopAtMs = startMs + Math.floor(random() * (random() < 0.5 ? 10_000 : 45 * MINUTE_MS));
  return { ...scenario, stopAtMs, requests: scenario.requests.map((each) => ({ ...each, isRow: random() < 0.6 })) };
}
