import type { Region } from './store.ts';
import type { Tags } from './tags.ts';

/** The tags of a room or logging configuration, even if it is too new to be found; undefined if there is no such resource. */
export function tagsOf({ rooms, loggingConfigurations }: Region, arn: string): Tags | undefined {
  return (rooms.get(arn) ?? loggingConfigurations.get(arn))?.tags;
}

/** The tags as a call that names the resource finds them; undefined if there is no such resource, or if it is too new. */
export function findTags({ rooms, loggingConfigurations }: Region, arn: string, nowMs: number): Tags | undefined {
  return (rooms.find(arn, nowMs) ?? loggingConfigurations.find(arn, nowMs))?.tags;
}

/** Replaces the tags. The resource's updateTime stays, because tags are not members of UpdateRoom and UpdateLoggingConfiguration. */
export function writeTags({ rooms, loggingConfigurations }: Region, arn: string, tags: Tags, nowMs: number): void {
  const room = rooms.get(arn);
  const configuration = loggingConfigurations.get(arn);
  if (room) rooms.put({ ...room, tags }, nowMs);
  if (configuration) loggingConfigurations.put({ ...configuration, tags }, nowMs);
}
