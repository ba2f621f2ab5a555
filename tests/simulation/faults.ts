/** All faults of the simulation, by the names under which they are counted. */
export const FAULT_KINDS = [
  'crash before a call',
  'crash after a call took effect',
  'crash at a timer',
  'worker frozen and resumed',
  'response lost',
  'effect delayed past the deadline',
  'request lost',
  'service error before a call took effect',
  'service error after a call took effect',
  'CreateRoom throttled',
  'CreateRoom: quota reached (402)',
  'CreateRoom: conflict (409)',
  'CreateRoom: account blocked (403)',
  'CreateRoom: access denied (403)',
  'CreateRoom: refused (400)',
  'delivered twice concurrently',
  'delivered again after it was done',
  'delivered out of order',
  'moved to the dead-letter queue',
  'slow listing',
  'listing of a name shared by 20,000 rooms',
  'outage of dynamodb',
  'outage of sqs',
  'outage of sns',
  'outage of ivschat',
  'received more often than allowed',
  'clock skew',
  'bulk job stopped',
  'completion of a stopped row',
  'command before its request',
  'command after its request',
  'command with an older wish than another message',
  'two wishes of one moment',
  'duplicate of a command',
  'command of another tenant',
  'command too old or invalid',
  'command sent back by an operator',
  'request sent back by an operator',
  'live event moved',
  'live event cancelled',
  'row with a wish in a stopped job',
  'releases stopped by an operator',
  'releasers overlap',
  'sweep beside a releaser',
  'clock error of a releaser',
  'index shows a change seconds late',
  'index shows a change minutes late',
  'release due while the room is too new to be seen',
  'item expired',
  'releaser crashes at a timer',
  'releaser frozen and resumed',
  'releaser: request lost',
  'releaser: response lost',
  'releaser: service error before a call took effect',
  'releaser: service error after a call took effect',
  'releaser: effect delayed past the deadline',
  'releaser: outage of dynamodb',
  'releaser: outage of sns',
  'releaser: outage of ivschat',
  'DeleteRoom throttled',
  'DeleteRoom never sent',
  'DeleteRoom lost',
  'DeleteRoom: answer lost',
  'DeleteRoom: error before the effect',
  'DeleteRoom: error after the effect',
  'DeleteRoom: late effect',
  'DeleteRoom: account blocked (403)',
  'DeleteRoom: access denied (403)',
  'DeleteRoom: conflict (409)',
  'DeleteRoom: refused (400)',
  'releaser crashes at: query',
  'releaser crashes at: read',
  'releaser crashes at: slot of GetRoom',
  'releaser crashes at: GetRoom',
  'releaser crashes at: slot of DeleteRoom',
  'releaser crashes at: mark',
  'releaser crashes at: DeleteRoom',
  'releaser crashes at: publication',
  'releaser crashes at: finish',
  'releaser crashes at: push back',
  'releaser crashes at: note of freed quota',
  'releaser crashes at: other call',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export type FaultCounts = Record<FaultKind, number>;

export function noFaults(): FaultCounts {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultCounts;
}

/** The fate of one external call. */
export type CallFate =
  | { kind: 'normal' }
  | { kind: 'crash-before' }
  | { kind: 'crash-after' }
  | { kind: 'lost-response' }
  | { kind: 'lost-request' }
  | { kind: 'late-effect'; delayMs: number }
  /** The connection is refused. */
  | { kind: 'unreachable' }
  /** The service answers with this error, whatever the operation. */
  | { kind: 'refused'; name: string; status: number }
  | { kind: 'error-before'; status: number }
  | { kind: 'error-after'; status: number }
  | { kind: 'ivschat-error'; name: string; status: number; members?: Record<string, unknown> };

export const COUNTED_AS: Record<
  Exclude<CallFate['kind'], 'normal' | 'ivschat-error' | 'unreachable' | 'refused'>,
  FaultKind
> = {
  'crash-before': 'crash before a call',
  'crash-after': 'crash after a call took effect',
  'lost-response': 'response lost',
  'lost-request': 'request lost',
  'late-effect': 'effect delayed past the deadline',
  'error-before': 'service error before a call took effect',
  'error-after': 'service error after a call took effect',
};

export const IVSCHAT_ERRORS: { counted: FaultKind; fate: Extract<CallFate, { kind: 'ivschat-error' }> }[] = [
  { counted: 'CreateRoom throttled', fate: { kind: 'ivschat-error', name: 'ThrottlingException', status: 429 } },
  {
    counted: 'CreateRoom: quota reached (402)',
    fate: { kind: 'ivschat-error', name: 'ServiceQuotaExceededException', status: 402 },
  },
  { counted: 'CreateRoom: conflict (409)', fate: { kind: 'ivschat-error', name: 'ConflictException', status: 409 } },
  {
    counted: 'CreateRoom: account blocked (403)',
    fate: { kind: 'ivschat-error', name: 'PendingVerification', status: 403 },
  },
  {
    counted: 'CreateRoom: access denied (403)',
    fate: { kind: 'ivschat-error', name: 'AccessDeniedException', status: 403 },
  },
  {
    counted: 'CreateRoom: refused (400)',
    fate: { kind: 'ivschat-error', name: 'ValidationException', status: 400, members: { reason: 'OTHER' } },
  },
];
