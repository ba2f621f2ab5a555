import { wishStep } from '../../client/describe/release-steps.ts';
import { requestState } from '../../client/describe/request-state.ts';
import { pastSteps, presentSteps } from '../../client/describe/status-steps.ts';
import { inOrderOfTime, type Step } from '../../client/describe/step.ts';
import { standingWish } from '../../client/operate/release/room-release.ts';
import type { RequestStatus } from '../../client/operate/request-status.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import type { RequestView } from '../api/requests.ts';
import type { SeenWaits } from './seen-waits.ts';
import { sendAgain } from './send-again.ts';
import type { SentMessages } from './sent-messages.ts';

/** The key that the user asked for. If the user asked for a room, only the hash of the key is known. */
export interface AskedKey {
  ledgerKey: string;
  idempotencyKey?: string | undefined;
}

/** What the console remembers about requests, and the stage does not store. */
export interface RequestMemory {
  sent: SentMessages;
  waits: SeenWaits;
}

/** Describes a request for the page. */
export function requestView(
  asked: AskedKey,
  read: RequestStatus,
  { sent, waits }: RequestMemory,
  nowMs: number,
): RequestView {
  const status = read.kind === 'known' ? { ...read, item: waits.withWaits(read.item) } : read;
  const { ledgerKey } = asked;
  const idempotencyKey = asked.idempotencyKey ?? ('item' in status ? status.item.idempotency_key : undefined);
  const messages = idempotencyKey === undefined ? [] : sent.of(idempotencyKey);
  const steps = stepsOf({ ledgerKey, idempotencyKey: idempotencyKey ?? '' }, status, nowMs);
  const isBegunHere = messages[0]?.expected === 'new';
  const sendings = messages.map(
    ({ atMs, lane }): Step => ({ atMs, text: `sent from this console to the ${lane} lane` }),
  );
  return {
    ledgerKey,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    state: requestState(status),
    ...(status.kind === 'damaged' && { problem: status.problem }),
    atMs: nowMs,
    ...(status.kind === 'known' && itemFacts(status.item)),
    past: isBegunHere
      ? [...sendings.slice(0, 1), ...inOrderOfTime([...steps.past, ...sendings.slice(1)])]
      : inOrderOfTime([...steps.past, ...sendings]),
    present: steps.present,
    ...(status.wait && { wait: status.wait }),
    ...(status.roomCheck && { roomCheck: status.roomCheck }),
    sent: messages.map(({ body: _, ...message }) => message),
    sendAgain: sendAgain(idempotencyKey, status, messages.at(-1)),
  };
}

function stepsOf(
  subject: { ledgerKey: string; idempotencyKey: string },
  status: RequestStatus,
  nowMs: number,
): { past: Step[]; present: Step[] } {
  switch (status.kind) {
    case 'unknown':
    case 'damaged':
      return { past: [], present: [] };
    case 'wish-only': {
      const wish = standingWish(status.item);
      return { past: wish === undefined ? [] : [wishStep(wish)], present: [] };
    }
    case 'known':
      return { past: pastSteps(subject, status.item, nowMs), present: presentSteps(status, nowMs) };
  }
}

function itemFacts(item: LedgerItem): Partial<RequestView> {
  const { region, tenant } = item;
  const facts = { region, ...(tenant !== undefined && { tenant }) };
  if (item.decision === undefined) return facts;
  const { completion } = item;
  if (completion.data.outcome === 'failed') return { ...facts, completion };
  const { room, tenant: named } = completion.data;
  return {
    ...{ ...facts, tenant: named, completion, roomArn: room.arn },
    ...(room.name !== undefined && { roomName: room.name }),
  };
}
