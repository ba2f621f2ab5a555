import { type AdminHandlers, answerAdminCall, parseAdminBody } from '../admin-calls.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type { CallReport } from './calls.ts';
import { type FaultPlan, faultPlanSchema } from './faults.ts';
import { type QuotaChange, quotaChangeSchema } from './quotas.ts';
import type { Room } from './rooms.ts';
import type { RoomSeed } from './seed-rooms.ts';

/** Functions for tests and tools. The API of IVS Chat does not have them. */
export interface IvsChatAdmin {
  /** Makes future calls fail. @throws ZodError if the plan is invalid */
  inject(plan: FaultPlan): void;
  /** Every room of one region or of all regions, including those that ListRooms does not show yet. */
  rooms(region?: string): Room[];
  calls(): CallReport;
  /** How many calls took effect without a usable response, because a fault lost the response, damaged it or turned it into an error. */
  unusableResponses(): number;
  /** Creates a logging configuration with this ARN, unless it exists. @throws Error if this is not the ARN of a logging configuration */
  seedLoggingConfiguration(arn: string): void;
  /** Creates rooms without calls. */
  seedRooms(seed: RoomSeed): void;
  /** Makes the service refuse all page tokens that it has issued so far, as if they had expired. */
  refuseTokens(): void;
  /** @throws ZodError if the change is invalid */
  setQuotas(change: QuotaChange): void;
  /** Restores the initial state: no rooms, calls or faults, full buckets, and the quotas of the options. */
  reset(): void;
}

const PREFIX = '/_greenroom/ivschat/';

/**
 * The admin calls over HTTP, under `/_greenroom/ivschat/`: `POST faults` (a FaultPlan), `GET rooms[?region=…]`, `GET calls`, `POST quotas`
 * (a QuotaChange), `POST reset`.
 */
export function handleAdmin(admin: IvsChatAdmin, request: ServiceRequest): Promise<ServiceResponse> {
  const handlers: AdminHandlers = new Map<string, (request: ServiceRequest) => unknown>([
    ['POST faults', (given) => admin.inject(parseAdminBody(faultPlanSchema, given))],
    ['GET rooms', ({ query }) => ({ rooms: admin.rooms(query.get('region') ?? undefined) })],
    ['GET calls', () => admin.calls()],
    ['POST quotas', (given) => admin.setQuotas(parseAdminBody(quotaChangeSchema, given))],
    ['POST reset', () => admin.reset()],
  ]);
  return answerAdminCall(PREFIX, handlers, request);
}
