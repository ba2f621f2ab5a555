/** For the end of a reading, if messages could not be made visible. */
export function stillHiddenText(count: number, seconds: number): string {
  return `${count} messages could not be made visible again; they will be visible within ${seconds} seconds.`;
}

export function unseenText(unseenCount: number): string {
  return `About ${unseenCount} messages were not visible: another command may be reading them.`;
}
