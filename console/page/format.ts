/** A whole number with separators, such as `12,345`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 room`, `2 rooms`. */
export function counted(count: number, thing: string): string {
  return `${countText(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** `3 s`, `12 min`, `2 h 45 min`, `3 d`. */
export function durationText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}

/** `in 3 min`, `3 min ago`. */
export function distanceText(atMs: number, nowMs: number): string {
  const text = durationText(atMs - nowMs);
  return atMs > nowMs ? `in ${text}` : `${text} ago`;
}

/** The time of day in this time zone. If it is not today, with the date. */
export function timeText(atMs: number, nowMs = Date.now()): string {
  const time = new Date(atMs);
  const clock = time.toLocaleTimeString('en-GB');
  const day = time.toLocaleDateString('en-CA');
  return day === new Date(nowMs).toLocaleDateString('en-CA') ? clock : `${day} ${clock}`;
}

/** A rate with at most two decimals; a hyphen if it is not known. */
export function rateText(rate: number | undefined): string {
  return rate === undefined ? '–' : String(Math.round(rate * 100) / 100);
}

/** `812 bytes`, `1.2 KiB`, `12 KiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const kib = bytes / 1024;
  return `${kib < 10 ? kib.toFixed(1) : countText(Math.round(kib))} KiB`;
}
