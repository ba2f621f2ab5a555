import * as z from 'zod';
import { createOpenRequests } from '../../client/open-requests.ts';
import { type PreparedRequest, prepareRequest } from '../../client/prepared-request.ts';
import type { RequestLine } from '../../client/request-lines.ts';
import { readJournal, startJournal } from '../../emulator/ivschat/journal.ts';
import { type Completion, completionSchema } from '../../lib/contract/completion.ts';
import type { Region } from '../../lib/contract/regions.ts';

/** The requests that a run sends. */
export interface RequestSource {
  /** The path of the file. */
  file: string;
  lines: RequestLine[];
}

/** One request of the run, and its outcome. */
export interface Tracked {
  request: PreparedRequest;
  sentAtMs?: number;
  answer?: Answer;
}

export interface Answer {
  completion: Completion;
  receivedAtMs: number;
  /** The number of the earlier line that got the same completion. */
  replayOf?: number;
}

/** The sent requests and the received completions. With a journal, a new process can continue a run whose process was killed. */
export interface RunRecord {
  /** The file with the requests. */
  source: string;
  requests: readonly Tracked[];
  readonly openCount: number;
  markSent(numbers: number[], atMs: number): void;
  /** @returns whether the completion answers an open request */
  note(completion: Completion, atMs: number): boolean;
  /** Whether the completion is for the key of one of the run's requests. */
  isOwn(completion: Completion): boolean;
  close(): void;
}

const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('source'), file: z.string() }),
  z.object({ kind: z.literal('request'), number: z.int(), name: z.string(), body: z.string() }),
  z.object({ kind: z.literal('sent'), numbers: z.array(z.int()), atMs: z.number() }),
  z.object({ kind: z.literal('completion'), completion: completionSchema, atMs: z.number() }),
]);

type Entry = z.infer<typeof entrySchema>;

/**
 * Opens the record of a run. A continued run sends the bodies that the first process read from the file, so `{{now}}` keeps its first value.
 * Otherwise, completions of requests that were already sent would not match.
 *
 * @param path the path of the journal, which a later process reads to continue the run; undefined if the run cannot be continued
 * @param requests the requests of a new run; undefined if the journal has them
 */
export function openRunRecord(region: Region, path: string | undefined, requests?: RequestSource): RunRecord {
  const entries = requests === undefined && path !== undefined ? readEntries(path) : entriesOf(requests);
  const journal = path === undefined ? undefined : startJournal(path, entries);
  const state = createState(region);
  for (const entry of entries) restore(state, entry);

  return {
    source: sourceOf(entries) ?? '',
    requests: state.requests,
    get openCount() {
      return state.openCount;
    },
    markSent(numbers, atMs) {
      journal?.append({ kind: 'sent', numbers, atMs } satisfies Entry);
      state.markSent(numbers, atMs);
    },
    note(completion, atMs) {
      if (!state.note(completion, atMs)) return false;
      journal?.append({ kind: 'completion', completion, atMs } satisfies Entry);
      return true;
    },
    isOwn: state.isOwn,
    close: () => journal?.close(),
  };
}

/**
 * The file with the requests of the run that a journal records; undefined if there is no such run.
 * @throws Error if the journal has an entry that this version cannot read
 */
export function sourceOfRun(path: string): string | undefined {
  return sourceOf(readEntries(path));
}

function readEntries(path: string): Entry[] {
  return readJournal(path).map((entry, index) => {
    const { data, error } = entrySchema.safeParse(entry);
    if (data === undefined) throw new Error(`${path}:${index + 1} cannot be read`, { cause: error });
    return data;
  });
}

function sourceOf(entries: readonly Entry[]): string | undefined {
  return entries.find((entry) => entry.kind === 'source')?.file;
}

function entriesOf(requests: RequestSource | undefined): Entry[] {
  if (requests === undefined) return [];
  const { file, lines } = requests;
  return [{ kind: 'source', file }, ...lines.map((line): Entry => ({ kind: 'request', ...line }))];
}

function restore(state: ReturnType<typeof createState>, entry: Entry): void {
  if (entry.kind === 'request') state.add(entry);
  else if (entry.kind === 'sent') state.markSent(entry.numbers, entry.atMs);
  else if (entry.kind === 'completion') state.note(entry.completion, entry.atMs);
}

function createState(region: Region) {
  const byNumber = new Map<number, Tracked>();
  const requests: Tracked[] = [];
  const firstAnsweredBy = new Map<string, number>();
  /** The value undefined represents requests without a readable key. */
  const keys = new Set<string | undefined>();
  const open = createOpenRequests();

  return {
    requests,
    get openCount() {
      return open.size;
    },
    add({ number, name, body }: RequestLine): void {
      const request = prepareRequest({ number, name, body }, { region, nowMs: Date.now() });
      const tracked = { request };
      requests.push(tracked);
      byNumber.set(number, tracked);
      open.add(request);
      keys.add(request.idempotencyKey);
    },
    markSent(numbers: number[], atMs: number): void {
      for (const number of numbers) {
        const tracked = byNumber.get(number);
        if (tracked) tracked.sentAtMs = atMs;
      }
    },
    isOwn: ({ subject }: Completion) => keys.has(subject),
    note(completion: Completion, receivedAtMs: number): boolean {
      const request = open.close(completion);
      const tracked = request && byNumber.get(request.number);
      if (!tracked) return false;
      const replayOf = firstAnsweredBy.get(completion.id);
      tracked.answer = { completion, receivedAtMs, ...(replayOf !== undefined && { replayOf }) };
      if (replayOf === undefined) firstAnsweredBy.set(completion.id, tracked.request.number);
      return true;
    },
  };
}
