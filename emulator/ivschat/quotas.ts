import * as z from 'zod';
import { isOperationName, type OperationName } from './api.ts';

const ROOM_TPS = 5;
const LOGGING_CONFIGURATION_TPS = 3;
const TAG_TPS = 10;
const CHAT_TOKEN_TPS = 200;

/** The quotas of each region. */
export interface Quotas {
  /** Calls per second of each operation. */
  tps: Record<OperationName, number>;
  /** How many calls of one operation may arrive together after a pause. */
  burst: number;
  roomsPerRegion: number;
  /** The room quotas that differ from `roomsPerRegion`, by region. AWS grants an increase for a single region. */
  roomsIn: Record<string, number>;
  loggingConfigurationsPerRegion: number;
}

/**
 * AWS's quotas: https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html. AWS can raise the number of rooms. AWS does not
 * document the burst. With 2, a client that does not pace its calls is throttled.
 */
export const DEFAULT_QUOTAS: Quotas = {
  tps: {
    CreateRoom: ROOM_TPS,
    GetRoom: ROOM_TPS,
    ListRooms: ROOM_TPS,
    UpdateRoom: ROOM_TPS,
    DeleteRoom: ROOM_TPS,
    CreateLoggingConfiguration: LOGGING_CONFIGURATION_TPS,
    GetLoggingConfiguration: LOGGING_CONFIGURATION_TPS,
    ListLoggingConfigurations: LOGGING_CONFIGURATION_TPS,
    UpdateLoggingConfiguration: LOGGING_CONFIGURATION_TPS,
    DeleteLoggingConfiguration: LOGGING_CONFIGURATION_TPS,
    TagResource: TAG_TPS,
    UntagResource: TAG_TPS,
    ListTagsForResource: TAG_TPS,
    CreateChatToken: CHAT_TOKEN_TPS,
  },
  burst: 2,
  roomsPerRegion: 50_000,
  roomsIn: {},
  loggingConfigurationsPerRegion: 10,
};

/** A change of some quotas. The others keep their values. */
export const quotaChangeSchema = z.strictObject({
  tps: z.partialRecord(z.custom<OperationName>(isOperationName, 'not an operation'), z.number().positive()).optional(),
  burst: z.int().min(1).optional(),
  roomsPerRegion: z.int().min(0).optional(),
  roomsIn: z.record(z.string(), z.int().min(0)).optional(),
  loggingConfigurationsPerRegion: z.int().min(0).optional(),
});

export type QuotaChange = z.infer<typeof quotaChangeSchema>;

export function changeQuotas(quotas: Quotas, change: QuotaChange): Quotas {
  return {
    tps: { ...quotas.tps, ...change.tps },
    burst: change.burst ?? quotas.burst,
    roomsPerRegion: change.roomsPerRegion ?? quotas.roomsPerRegion,
    roomsIn: { ...quotas.roomsIn, ...change.roomsIn },
    loggingConfigurationsPerRegion: change.loggingConfigurationsPerRegion ?? quotas.loggingConfigurationsPerRegion,
  };
}
