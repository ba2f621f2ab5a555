/** The lanes of the request queues. */
export const LANES = ['interactive', 'bulk'] as const;

export type Lane = (typeof LANES)[number];
