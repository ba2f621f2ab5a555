/** The entry point `greenroom`: the client library. docs/client.md describes it. */
export type { CallOptions } from './api/call-options.ts';
export type { ImportOptions, ImportResult, ManifestInput, RowCounts } from './api/import-result.ts';
export type { KeyState, ProvisionedKey } from './api/key-state.ts';
export type { CancelResult, LiveEventInput, ScheduleResult } from './api/live-event-result.ts';
export { type ParsedCompletion, parseCompletion, parseCompletions } from './api/parse-completion.ts';
export type { ReleaseOptions, ReleaseResult } from './api/release-result.ts';
export type { RequestOptions, RequestResult, RoomRequestInput } from './api/request-result.ts';
export type { GreenroomSettings } from './api/stage-settings.ts';
export type { WaitOptions, WaitResult } from './api/wait-result.ts';
export { createGreenroom, type Greenroom } from './greenroom.ts';
