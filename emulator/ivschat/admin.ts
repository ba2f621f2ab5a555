import * as z from 'zod';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type { CallReport } from './calls.ts';
import { type FaultPlan, faultPlanSchema } from './faults.ts';
import { type QuotaChange, quotaChangeSchema } from './quotas.ts';
import type { Room } from './rooms.ts';
import type { RoomSeed } from './seed-rooms.ts';

/** Functions for tests and tools that clients of the API do not have. */
export interface IvsChatAdmin {
  /** Makes future calls fail. @throws ZodError if the plan is invalid */
  inject(plan: FaultPlan): void;
  /** Every room of one region or of all regions, including those that ListRooms does not show yet. */
  rooms(region?: string): Room[];
  calls(): CallReport;
  /** How many calls took effect without a usable response, because a fault lost it, broke it or turned it into an error. */
  unusableResponses(): number;
  /** Creates a logging configuration with this ARN, unless it exists. @throws Error if this is not the ARN of a logging configuration */
  seedLoggingConfiguration(arn: string): void;
  /** Creates rooms without calls. */
  seedRooms(seed: RoomSeed): void;
  /** Makes the service refuse all page tokens that it has issued so far, as if they had expired. */
  refuseTokens(): void;
  /** @throws ZodError if the change is invalid */
  setQuotas(change: QuotaChange): void;
  /** Restores the initial state: no rooms, calls or faults, full buckets, the quotas of the options. */
  reset(): void;
}

const PREFIX = '/_greenroom/ivschat/';

type Handler = (admin: IvsChatAdmin, request: ServiceRequest) => unknown;

const handlers = new Map(
  Object.entries<Handler>({
    'POST faults': (admin, request) => admin.inject(parseBody(faultPlanSchema, request)),
    'GET rooms': (admin, { query }) => ({ rooms: admin.rooms(query.get('region') ?? undefined) }),
    'GET calls': (admin) => admin.calls(),
    'POST quotas': (admin, request) => admin.setQuotas(parseBody(quotaChangeSchema, request)),
    'POST reset': (admin) => admin.reset(),
  }),
);

/**
 * The admin calls over HTTP, JSON in and out, under `/_greenroom/ivschat/`:
 * `POST faults` (a FaultPlan), `GET rooms[?region=…]`, `GET calls`, `POST quotas` (a QuotaChange), `POST reset`.
 * Answers 400 with `{ problems: [{ path, message }] }` to an invalid body, and 404 to any other path.
 */
export function handleAdmin(admin: IvsChatAdmin, request: ServiceRequest): ServiceResponse {
  const name = request.path.startsWith(PREFIX) ? request.path.slice(PREFIX.length) : '';
  const handler = handlers.get(`${request.method} ${name}`);
  if (!handler)
    return json(404, { problems: [{ path: '', message: `There is no ${request.method} ${request.path}` }] });
  try {
    return json(200, handler(admin, request) ?? {});
  } catch (error) {
    if (error instanceof z.ZodError) {
      const problems = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return json(400, { problems });
    }
    if (error instanceof SyntaxError) return json(400, { problems: [{ path: '', message: 'The body is not JSON' }] });
    throw error;
  }
}

function parseBody<T>(schema: z.ZodType<T>, { body }: ServiceRequest): T {
  return schema.parse(JSON.parse(body.toString('utf8')));
}

function json(status: number, body: unknown): ServiceResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
