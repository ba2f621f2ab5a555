/** The figures by which AWS bills. */
export const COUNTS = [
  'gbSeconds',
  'invocations',
  'writeUnits',
  'readUnits',
  'sqsRequests',
  // The requests to queues whose messages have a message group.
  'sqsFairRequests',
  'snsPublishes',
  's3Writes',
  's3Reads',
  // The lines that the functions write, including metrics.
  'logBytes',
  // The lines that Lambda adds for every invocation.
  'platformLogBytes',
] as const;

export type Count = (typeof COUNTS)[number];

export type Counts = Partial<Record<Count, number>>;
