/** The entry point `greenroom/contract`: the schemas (zod/mini) and the types of everything that greenroom accepts and publishes. */
export {
  type Completion,
  completionSchema,
  FAILURE_REASONS,
  type FailureReason,
  failedCompletionSchema,
  provisionedCompletionSchema,
} from '../lib/contract/completion.ts';
export { LANES, type Lane } from '../lib/contract/lanes.ts';
export {
  cancelledLiveEventSchema,
  type LiveEventRoom,
  type ScheduledLiveEvent,
  scheduledLiveEventSchema,
} from '../lib/contract/live-event.ts';
export { type ManifestRow, manifestRowSchema } from '../lib/contract/manifest-row.ts';
export type { Problem } from '../lib/contract/problems.ts';
export { REGIONS, type Region } from '../lib/contract/regions.ts';
export { type ReleaseCommand, releaseCommandSchema } from '../lib/contract/release-command.ts';
export {
  RELEASE_FAILURE_REASONS,
  type ReleasedEvent,
  type ReleaseEvent,
  type ReleaseFailedEvent,
  type ReleaseFailureReason,
  type ReleaseScheduledEvent,
  releasedEventSchema,
  releaseEventSchema,
  releaseFailedEventSchema,
  releaseScheduledEventSchema,
} from '../lib/contract/release-event.ts';
export { type ProvisionedRoom, provisionedRoomSchema, type Room, roomSchema } from '../lib/contract/room.ts';
export { type RoomRequest, roomRequestSchema } from '../lib/contract/room-request.ts';
export {
  type RosterAtRisk,
  type RosterCancelled,
  type RosterCompleted,
  type RosterEvent,
  type RosterFailed,
  rosterAtRiskSchema,
  rosterCancelledSchema,
  rosterCompletedSchema,
  rosterEventSchema,
  rosterFailedSchema,
} from '../lib/contract/roster-event.ts';
