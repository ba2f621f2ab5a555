/** The text for the end of a reading after which some messages could not be made visible again. */
export function stillHiddenText(count: number, seconds: number): string {
  const messages = count === 1 ? '1 message' : `${count} messages`;
  return `${messages} could not be made visible again, and will be visible within ${seconds} seconds.`;
}

export function unseenText(unseenCount: number): string {
  const messages = unseenCount === 1 ? '1 message was' : `${unseenCount} messages were`;
  return `About ${messages} not visible: another reader may be holding them.`;
}
